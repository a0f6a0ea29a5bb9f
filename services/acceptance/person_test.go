package acceptance

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
)

// token returns a person's token, or "" for nobody. A name that is none of the
// sample people's is a person of the story's own, whom the installation meets
// for the first time.
func (w *world) token(t testing.TB, as string) string {
	t.Helper()
	if as == "" {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tokens[as] == "" {
		raw, err := w.sign(as)
		if err != nil {
			t.Fatal(err)
		}
		w.tokens[as] = raw
	}
	return w.tokens[as]
}

func (w *world) sign(as string) (string, error) { return w.signAt(as, time.Now()) }

func (w *world) signAt(as string, now time.Time) (string, error) {
	dir, iss := filepath.Join(w.data, "keys"), w.origin+"/dev/oidc"
	if slices.ContainsFunc(issuer.SamplePeople, func(p issuer.Person) bool { return p.Name == as }) {
		return issuer.TokenFromDir(dir, iss, as, now)
	}
	text, err := os.ReadFile(filepath.Join(dir, issuer.KeyFile))
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return "", errors.New("the issuer's key is not PEM")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return "", err
	}
	key := jose.JSONWebKey{Key: private}
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", err
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithType("at+jwt"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(obj{
		"iss": iss, "sub": as, "aud": issuer.DefaultClientID, "azp": issuer.DefaultClientID, "client_id": issuer.DefaultClientID,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(issuer.Lifetime).Unix(), "jti": rand.Text(),
		"name": as, "preferred_username": as, "email": mail(as), "email_verified": true,
	}).Serialize()
}

// somebody names a person whom nobody else has.
func somebody(part string) string { return part + "-" + strings.ToLower(rand.Text()[:10]) }

// mail is the address of a person of a story.
func mail(person string) string { return person + "@story.example.com" }

// departmentOf returns the department of a sample staff person.
func (c *client) departmentOf(person string) string {
	c.t.Helper()
	c.world.mu.Lock()
	known := c.world.staff[person]
	c.world.mu.Unlock()
	if known != "" {
		return known
	}
	admin := c.with("kyodo-reason", "acceptance")
	for _, d := range c.all("", "ListDepartments", "departments", nil) {
		id := d.str("id")
		for _, s := range admin.all("admin", "ListStaff", "staffAssignments", obj{"departmentId": id}) {
			c.world.mu.Lock()
			c.world.staff[s.str("email")] = id
			c.world.mu.Unlock()
		}
	}
	addresses := map[string]string{"staff": "staff@ka1.example.com", "staff2": "staff@ka2.example.com"}
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	id := c.world.staff[addresses[person]]
	if id == "" {
		c.t.Fatalf("no department has %s among its staff", person)
	}
	c.world.staff[person] = id
	return id
}

// departmentName returns a department's full name.
func (c *client) departmentName(id string) string {
	c.t.Helper()
	return c.ok("", "GetDepartment", obj{"id": id}).str("department.fullName")
}

// database connects to the installation's Postgres as its superuser: for what
// only somebody beside the system could do or see.
func (w *world) database(t testing.TB) *pgx.Conn {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Split(string(text), "\n") // pid, folder, start, port, socket's folder
	if len(line) < 5 {
		t.Fatalf("postmaster.pid: %q", text)
	}
	config, err := pgx.ParseConfig(fmt.Sprintf("host='%s' port=%s user=postgres dbname=kyodo", line[4], line[3]))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
