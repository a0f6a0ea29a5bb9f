package gateway

import (
	"encoding/json"
	"net/http"
)

// profile is the answer of GET /v1/me.
type profile struct {
	PersonID     string       `json:"personId"`
	DisplayName  string       `json:"displayName"`
	Roles        []string     `json:"roles"`
	Memberships  []membership `json:"memberships"`
	DepartmentID string       `json:"departmentId"`
}

type membership struct {
	OrganizationID string `json:"organizationId"`
	Role           string `json:"role"`
}

// me tells callers who the edge takes them for.
func (g *Gateway) me(w http.ResponseWriter, _ *http.Request, _ []string, c *call) error {
	p := profile{PersonID: c.caller.ID, DisplayName: c.caller.DisplayName, DepartmentID: c.caller.DepartmentID, Roles: []string{}, Memberships: []membership{}}
	for _, r := range c.caller.Roles {
		p.Roles = append(p.Roles, r.String())
	}
	for _, m := range c.caller.Memberships {
		p.Memberships = append(p.Memberships, membership{m.OrganizationID, m.Role.String()})
	}
	return writeJSON(w, http.StatusOK, p)
}

// writeJSON answers a value of the edge's own.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the caller is gone when this fails
	return nil
}
