package job

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// clientID names this process in the jobs that it works: host, process, chance.
func clientID() string {
	return host() + "/" + strconv.Itoa(os.Getpid()) + "/" + rand.Text()
}

func host() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// Rescue gives back the tasks that processes of this host were running when they were
// killed; without it they would wait for an hour, since nobody can tell a dead process
// on another host from a slow one. It is called before New.
func Rescue(ctx context.Context, db *pg.DB) error {
	rows, err := db.Query(ctx, `
		SELECT DISTINCT attempted_by[cardinality(attempted_by)]
		FROM river_job
		WHERE state = 'running' AND kind = 'task' AND cardinality(attempted_by) > 0`)
	if err != nil {
		return fmt.Errorf("rescue tasks: %w", err)
	}
	var dead []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("rescue tasks: %w", err)
		}
		if ended(id) {
			dead = append(dead, id)
		}
	}
	if err := rows.Err(); err != nil || len(dead) == 0 {
		return err
	}
	_, err = db.Pool().Exec(ctx, `
		UPDATE river_job
		SET state = 'available', scheduled_at = now()
		WHERE state = 'running' AND kind = 'task' AND attempted_by[cardinality(attempted_by)] = ANY($1)`, dead)
	if err != nil {
		return fmt.Errorf("rescue tasks: %w", err)
	}
	return nil
}

// ended reports whether a client's process was one of this host and is no more. A
// process with this one's number was there before it.
func ended(id string) bool {
	parts := strings.Split(id, "/")
	if len(parts) != 3 || parts[0] != host() {
		return false
	}
	pid, err := strconv.Atoi(parts[1])
	if err != nil {
		return false
	}
	return pid == os.Getpid() || syscall.Kill(pid, 0) == syscall.ESRCH
}
