package acceptance

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// TestIdentityComesFromTheIssuerAlone tries to be somebody by headers, by
// metadata, and by the tokens that the parts of the installation use among
// themselves.
func TestIdentityComesFromTheIssuerAlone(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		signer, err := auth.LoadSigner(filepath.Join(c.world.data, "keys"), auth.Gateway)
		if err != nil {
			t.Fatal(err)
		}
		desk := auth.Principal{Kind: auth.KindPerson, ID: invented, Roles: []auth.Role{optionsv1.Role_ROLE_DESK}}
		inside, err := signer.Sign(desk, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		service, err := signer.Sign(auth.Service(auth.Gateway), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		outside := c.world.token(t, "desk")
		headers := map[string]string{
			"x-user-id": invented, "x-forwarded-user": "desk", "x-kyodo-principal": "desk", "grpcgateway-authorization": "Bearer " + outside,
			"grpc-metadata-authorization": "Bearer " + outside, "kyodo-principal": `{"roles":["ROLE_DESK"]}`, "cookie": "__Host-kyodo=desk", "kyodo-roles": "ROLE_DESK",
		}
		for name, value := range headers {
			c.with(name, value).refused("", "FindDuplicates", "UNAUTHENTICATED", obj{"name": "物語"})
		}
		for _, token := range []string{inside, service, outside[:len(outside)-4] + "AAAA", outside + ".", "null"} {
			c.with("authorization", "Bearer "+token).refused("", "FindDuplicates", "TOKEN_INVALID", obj{"name": "物語"})
		}
		// A broken token is refused, not taken for nobody's.
		c.with("authorization", "Bearer x").refused("", "ListCalls", "TOKEN_INVALID", nil)
	})
}

// TestMethodOverride asks the edge to take a GET for a DELETE.
func TestMethodOverride(t *testing.T) {
	t.Parallel()
	w := start(t)[0]
	c := w.over(t, restTransport{w})
	rep := somebody("rep")
	organization := c.organization(rep, "上書きの会 "+rep)
	member := c.all(rep, "ListMembers", "members", obj{"organizationId": organization})[0].str("id")
	path := "/v1/organizations/" + organization + "/members/" + member
	resp, raw := c.send(rep, http.MethodPost, path, []byte(`{}`), "Content-Type", "application/x-www-form-urlencoded", "X-HTTP-Method-Override", "DELETE")
	checkProblem(t, "a method override", resp, raw, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
	resp, raw = c.send(rep, http.MethodGet, path, nil, "X-HTTP-Method-Override", "DELETE")
	if resp.StatusCode != http.StatusOK || len(raw) == 0 {
		t.Errorf("GET with an override: %d %s", resp.StatusCode, raw)
	}
}
