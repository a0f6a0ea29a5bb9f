package broker

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
)

// ServerConfig is what the text of a server's configuration depends on.
type ServerConfig struct {
	StoreDir  string            // JetStream's folder.
	Services  []Service         // Who publishes and consumes.
	Passwords map[string]string // By user; "$NAME" is taken from the server's environment.
}

// Configuration returns the nats-server configuration file with the accounts,
// users and permissions of an installation. The embedded server is started
// with it; an outside server can be given the same text.
func Configuration(cfg ServerConfig) string {
	var t strings.Builder
	fmt.Fprintf(&t, "server_name: kyodo\nmax_payload: 512KB\nno_auth_user: %s\n", Subscriber)
	// Without limits the server takes shares of what is free at its start: started
	// on a full disk it would refuse for ever. Streams have limits of their own.
	fmt.Fprintf(&t, "jetstream {\n  store_dir: %s\n  sync_interval: always\n  max_file_store: 1TB\n  max_memory_store: 1GB\n}\n", quote(cfg.StoreDir))
	t.WriteString("accounts {\n  KYODO {\n    jetstream: enabled\n    users: [\n")
	user := func(name string, publish, subscribe []string) {
		fmt.Fprintf(&t, "      {user: %s, password: %s, permissions: {\n        publish: {allow: [%s]}\n        subscribe: {allow: [%s]}}}\n",
			name, password(cfg.Passwords[name]), list(publish), list(subscribe))
	}
	for _, s := range cfg.Services {
		user(s.Name, s.publishes(), []string{InboxPrefix(s.Name) + ".>"})
	}
	user(Gateway, gatewayPublishes(cfg.Services), []string{"kyodo.>", InboxPrefix(Gateway) + ".>"})
	user(Steward, []string{">"}, []string{">"})
	t.WriteString("    ]\n" + mirrorExports + "  }\n")
	t.WriteString("  SUBSCRIBERS {\n    jetstream: {max_mem: -1, max_file: -1, max_streams: -1, max_consumers: 1000}\n    users: [\n")
	user(Subscriber, subscriberPublishes, []string{"_INBOX.>", InboxPrefix(Subscriber) + ".>"})
	user(Mirrors, []string{">"}, []string{">"})
	t.WriteString("    ]\n" + mirrorImports + "  }\n}\n")
	return t.String()
}

// mirrorSubject is all that the account of subscribers may ask of the streams'
// account: consumers of public subjects.
const mirrorSubject = "CONSUMER.CREATE.*.*.kyodo.*.public.>"

const mirrorExports = `    exports: [
      {service: "$JS.API.` + mirrorSubject + `", response_type: stream, accounts: [SUBSCRIBERS]}
      {service: "$JS.FC.>", response_type: stream, accounts: [SUBSCRIBERS]}
      {stream: "mirrored.>", accounts: [SUBSCRIBERS]}
    ]
`

const mirrorImports = `    imports: [
      {service: {account: KYODO, subject: "$JS.API.` + mirrorSubject + `"}, to: "origin.API.` + mirrorSubject + `"}
      {service: {account: KYODO, subject: "$JS.FC.>"}}
      {stream: {account: KYODO, subject: "mirrored.>"}}
    ]
`

// publishes lists the subjects a service may publish to.
func (s Service) publishes() []string {
	allowed := []string{
		"kyodo." + s.Name + ".>",
		"$JS.API.STREAM.INFO." + event.StreamName(s.Name),
	}
	for _, from := range s.Consumes {
		stream := event.StreamName(from)
		allowed = append(allowed,
			"$JS.API.STREAM.INFO."+stream,
			"$JS.API.STREAM.MSG.GET."+stream,
			"$JS.API.CONSUMER.INFO."+stream+"."+s.Name,
			"$JS.API.CONSUMER.MSG.NEXT."+stream+"."+s.Name,
			"$JS.ACK."+stream+"."+s.Name+".>",
		)
	}
	return allowed
}

// gatewayPublishes lets the gateway read through ephemeral consumers on the
// streams of all services.
func gatewayPublishes(services []Service) []string {
	allowed := []string{"$JS.API.INFO", "$JS.API.STREAM.NAMES"}
	for _, s := range services {
		stream := event.StreamName(s.Name)
		allowed = append(allowed,
			"$JS.API.STREAM.INFO."+stream,
			"$JS.API.STREAM.MSG.GET."+stream,
			"$JS.API.CONSUMER.CREATE."+stream+".*",
			"$JS.API.CONSUMER.CREATE."+stream+".*.kyodo.>",
			"$JS.API.CONSUMER.INFO."+stream+".*",
			"$JS.API.CONSUMER.MSG.NEXT."+stream+".*",
		)
	}
	return allowed
}

// subscriberPublishes are requests to the mirrors. Consumers with several
// filters or none use a shorter subject, which is not listed.
var subscriberPublishes = []string{
	"$JS.API.INFO",
	"$JS.API.STREAM.NAMES",
	"$JS.API.STREAM.INFO.*",
	"$JS.API.CONSUMER.CREATE.*.*.kyodo.*.public.>",
	"$JS.API.CONSUMER.INFO.*.*",
	"$JS.API.CONSUMER.MSG.NEXT.*.*",
}

// InboxPrefix returns the prefix of a user's reply subjects; nobody else in
// its account may subscribe below it.
func InboxPrefix(user string) string { return "_INBOX_" + user }

func list(subjects []string) string {
	quoted := make([]string, len(subjects))
	for i, s := range subjects {
		quoted[i] = quote(s)
	}
	return strings.Join(quoted, ", ")
}

func quote(s string) string { return strconv.Quote(s) }

// password leaves a reference to the environment unquoted.
func password(p string) string {
	if strings.HasPrefix(p, "$") {
		return p
	}
	return quote(p)
}
