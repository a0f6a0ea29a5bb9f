package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
)

// dataConfig says where an all-in-one installation keeps everything.
type dataConfig struct {
	Data     string `help:"Folder of the installation: database, events, attachments, keys." default:".data" env:"KYODO_DATA" type:"path"`
	PGBin    string `help:"Folder of the Postgres programs; found by itself when empty." env:"KYODO_PG_BIN" type:"path" name:"pg-bin"`
	LogLevel string `help:"debug, info, warn or error." default:"warn" env:"KYODO_LOG_LEVEL"`
}

func (c dataConfig) keys() string        { return filepath.Join(c.Data, "keys") }
func (c dataConfig) secret() string      { return filepath.Join(c.Data, "keys", "installation.secret") }
func (c dataConfig) attachments() string { return filepath.Join(c.Data, "attachments") }
func (c dataConfig) mails() string       { return filepath.Join(c.Data, "mail") }
func (c dataConfig) spool() string       { return filepath.Join(c.Data, "spool") }
func (c dataConfig) events() string      { return filepath.Join(c.Data, "events") }
func (c dataConfig) postgres() string    { return filepath.Join(c.Data, "postgres") }
func (c dataConfig) issuer() string      { return filepath.Join(c.Data, "keys") }

// edgeConfig says how the outside reaches the edge.
type edgeConfig struct {
	HTTP        string         `help:"Address of REST and pages." default:"127.0.0.1:8080" env:"KYODO_HTTP_ADDR" name:"http-addr"`
	GRPC        string         `help:"Address of the public gRPC listener; empty for none." default:"127.0.0.1:9090" env:"KYODO_GRPC_ADDR" name:"grpc-addr"`
	Origin      string         `help:"Public origin, for links and sign-in; http://HTTP address when empty." env:"KYODO_ORIGIN"`
	BehindProxy bool           `help:"A proxy in front ends TLS: allow addresses other than loopback without a certificate." env:"KYODO_BEHIND_PROXY"`
	Proxies     []netip.Prefix `help:"Networks of proxies whose X-Forwarded-For is believed." env:"KYODO_TRUSTED_PROXIES" name:"trusted-proxies"`
	TLSCert     string         `help:"Certificate file (PEM)." env:"KYODO_TLS_CERT" type:"path" name:"tls-cert"`
	TLSKey      string         `help:"Key file (PEM)." env:"KYODO_TLS_KEY" type:"path" name:"tls-key"`
	CORS        []string       `help:"Origins whose scripts may call REST; none by default." env:"KYODO_CORS_ORIGINS" name:"cors-origins"`
	Profile     string         `help:"Limits: sample (generous) or production (reliability table)." enum:"sample,production" default:"sample" env:"KYODO_PROFILE"`
}

// check refuses to serve the outside in clear text.
func (c edgeConfig) check() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key belong together")
	}
	for _, addr := range []string{c.HTTP, c.GRPC} {
		if addr != "" && !loopback(addr) && c.TLSCert == "" && !c.BehindProxy {
			return fmt.Errorf("listening on %s without TLS: give --tls-cert and --tls-key, or --behind-proxy when a proxy ends TLS", addr)
		}
	}
	return nil
}

func (c edgeConfig) origin() string {
	switch {
	case c.Origin != "":
		return c.Origin
	case c.TLSCert != "":
		return "https://" + c.HTTP
	default:
		return "http://" + c.HTTP
	}
}

// loopback reports whether an address can be reached from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// clusterConfig says where a single process of an installation finds the rest.
type clusterConfig struct {
	Keys       string `help:"Folder with this process's signing key and everybody's public keys." required:"" env:"KYODO_KEYS" type:"path"`
	SecretFile string `help:"File of the installation's secret." required:"" env:"KYODO_SECRET_FILE" type:"path"`
	NATS       string `help:"URL of NATS." required:"" env:"KYODO_NATS_URL" name:"nats-url"`
	NATSPass   string `help:"File with the password of this process's NATS user." required:"" env:"KYODO_NATS_PASSWORD_FILE" type:"path" name:"nats-password-file"`
	Proposals  string `help:"Address of the proposals service." default:"127.0.0.1:9101" env:"KYODO_PROPOSALS_ADDR" name:"proposals-addr"`
	Directory  string `help:"Address of the directory service." default:"127.0.0.1:9102" env:"KYODO_DIRECTORY_ADDR" name:"directory-addr"`
	Evaluation string `help:"Address of the evaluation service." default:"127.0.0.1:9103" env:"KYODO_EVALUATION_ADDR" name:"evaluation-addr"`
	Outreach   string `help:"Address of the outreach service." default:"127.0.0.1:9104" env:"KYODO_OUTREACH_ADDR" name:"outreach-addr"`
	Facilities string `help:"Address of the facilities service." default:"127.0.0.1:9105" env:"KYODO_FACILITIES_ADDR" name:"facilities-addr"`
	LogLevel   string `help:"debug, info, warn or error." default:"info" env:"KYODO_LOG_LEVEL"`
}

// address returns where a service listens.
func (c clusterConfig) address(service string) string {
	return map[string]string{
		"proposals": c.Proposals, "directory": c.Directory, "evaluation": c.Evaluation, "outreach": c.Outreach, "facilities": c.Facilities,
	}[service]
}

// mailConfig says how mails leave an installation.
type mailConfig struct {
	MailServer       string `help:"SMTP server, host:port; none when empty, then mails wait (kyodo all shows them at /dev/mail instead)." env:"KYODO_MAIL_SERVER" name:"mail-server"`
	MailFrom         string `help:"Sender's address of all mails." default:"kyodo@localhost.example" env:"KYODO_MAIL_FROM" name:"mail-from"`
	MailName         string `help:"Name shown with the sender's address." default:"千代田区 協働ポータル" env:"KYODO_MAIL_NAME" name:"mail-name"`
	MailUser         string `help:"User at the SMTP server; empty for none." env:"KYODO_MAIL_USER" name:"mail-user"`
	MailPasswordFile string `help:"File with that user's password." env:"KYODO_MAIL_PASSWORD_FILE" type:"path" name:"mail-password-file"`
	MailBulkRate     int    `help:"Mails of the mail magazine a second at most; 0 for no bound." default:"0" env:"KYODO_MAIL_BULK_RATE" name:"mail-bulk-rate"`
	MailSpool        string `help:"Folder that outlives the process, for what is known of mails under way; in the data folder (kyodo all) or the one for temporary files when empty." env:"KYODO_MAIL_SPOOL" type:"path" name:"mail-spool"`
}

// sender returns the way out for mails, nil for none.
func (c mailConfig) sender() (*mail.Sender, error) {
	if c.MailServer == "" {
		return nil, nil //nolint:nilnil // a nil sender keeps mails waiting
	}
	password := ""
	if c.MailUser != "" {
		var err error
		if password, err = readSecret(c.MailPasswordFile); err != nil {
			return nil, err
		}
	}
	if c.MailSpool == "" {
		c.MailSpool = filepath.Join(os.TempDir(), fmt.Sprintf("kyodo-spool-%d", os.Getuid()))
	}
	return mail.New(mail.Config{
		Address: c.MailServer, From: c.MailFrom, Name: c.MailName, User: c.MailUser, Password: password,
		BulkRate: c.MailBulkRate, Spool: c.MailSpool,
	})
}

// readyWait is how long a stopping process still answers after it has said that
// it is not ready, so that balancers see it.
const readyWait = 2 * time.Second

// oidcConfig names the issuer that people sign in with.
type oidcConfig struct {
	Issuer           string   `help:"URL of the OIDC issuer; the development issuer when empty (loopback only)." env:"KYODO_OIDC_ISSUER" name:"oidc-issuer"`
	ClientID         string   `help:"Client that Kyodo is at the issuer." default:"kyodo" env:"KYODO_OIDC_CLIENT_ID" name:"oidc-client-id"`
	ClientSecretFile string   `help:"File with the client's secret; none for a public client." env:"KYODO_OIDC_CLIENT_SECRET_FILE" type:"path" name:"oidc-client-secret-file"`
	Audiences        []string `help:"Audiences that bearer tokens may have; the client id when empty." env:"KYODO_OIDC_AUDIENCES" name:"oidc-audiences"`
	IssuerName       string   `help:"Short name under which directory knows the issuer's people." default:"main" env:"KYODO_OIDC_ISSUER_NAME" name:"oidc-issuer-name"`
}
