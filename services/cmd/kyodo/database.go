package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
)

// adminURLs lets an admin act as each service's roles.
func adminURLs(admin string) (urls, error) {
	if _, err := pg.AsRole(admin, "postgres"); err != nil {
		return urls{}, err
	}
	as := func(role string) string {
		u, _ := pg.AsRole(admin, role) // parsed above
		return u
	}
	return urls{
		owner:   func(s string) string { return as(cluster.Owner(s)) },
		runtime: func(s string) string { return as(cluster.Runtime(s)) },
	}, nil
}

// databaseOf returns the database that a URL names.
func databaseOf(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", fmt.Errorf("database url: %w", err)
	}
	return strings.TrimPrefix(u.Path, "/"), nil
}
