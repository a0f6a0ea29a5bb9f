package fetch

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// special are the addresses that are not anybody's on the public internet, or
// that lead to another one inside (IANA special-purpose registries, RFC 6890).
// Of IPv6 only 2000::/3 is public, less those of it that stand here.
var special = prefixes(
	"0.0.0.0/8",         // this network
	"10.0.0.0/8",        // private
	"100.64.0.0/10",     // carrier-grade NAT
	"127.0.0.0/8",       // loopback
	"169.254.0.0/16",    // link-local, metadata of clouds
	"172.16.0.0/12",     // private
	"192.0.0.0/24",      // protocol assignments
	"192.0.2.0/24",      // documentation
	"192.31.196.0/24",   // AS112
	"192.52.193.0/24",   // AMT
	"192.88.99.0/24",    // 6to4 relays
	"192.168.0.0/16",    // private
	"192.175.48.0/24",   // AS112
	"198.18.0.0/15",     // benchmarks
	"198.51.100.0/24",   // documentation
	"203.0.113.0/24",    // documentation
	"224.0.0.0/4",       // multicast
	"240.0.0.0/4",       // reserved, broadcast
	"2001::/23",         // protocol assignments, Teredo, ORCHID
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

var globalUnicast = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// Public reports whether an address is on the public internet. An IPv4 address
// inside an IPv6 one is judged as that IPv4 address.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is6() && !globalUnicast.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

func webPort(p uint16) bool { return p == 80 || p == 443 }

// innerNames are names, and ends of names, that are resolved inside a network
// (RFC 6761, RFC 6762, RFC 8375, RFC 9476).
var innerNames = []string{
	"localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa", "in-addr.arpa", "ip6.arpa",
	"onion", "alt",
}

// checkURL refuses by the text alone: other schemes and ports, credentials, names
// of the inside, and every spelling of an address but the usual one of a public
// address.
func checkURL(u *url.URL) error {
	refuse := func(why string) error { return fmt.Errorf("%w: %s", ErrForbidden, why) }
	if u.Scheme != "http" && u.Scheme != "https" {
		return refuse("scheme is neither http nor https")
	}
	if u.User != nil || u.Opaque != "" {
		return refuse("credentials")
	}
	if text := u.Port(); text != "" || strings.HasSuffix(u.Host, ":") {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil || !webPort(uint16(port)) {
			return refuse("port is neither 80 nor 443")
		}
	}
	if strings.HasPrefix(u.Host, "[") {
		a, err := netip.ParseAddr(u.Hostname())
		if err != nil || a.Is4In6() || !Public(a) {
			return refuse(u.Host)
		}
		return nil
	}
	return checkName(u.Hostname(), refuse)
}

// foldHost writes a host as the resolver will see it: full-width and circled
// letters as ASCII, all full stops as one, and no invisible characters.
func foldHost(host string) string {
	host = strings.Map(func(r rune) rune {
		switch r {
		case '。', '．', '｡':
			return '.'
		case '\u00AD', '\u200B', '\u200C', '\u200D', '\u2060', '\uFEFF':
			return -1
		}
		return r
	}, host)
	return strings.TrimSuffix(strings.ToLower(norm.NFKC.String(host)), ".")
}

func checkName(name string, refuse func(string) error) error {
	if !utf8.ValidString(name) || strings.ContainsAny(name, "%\\ \t\r\n") {
		return refuse("host is not a name")
	}
	host := foldHost(name)
	labels := strings.Split(host, ".")
	if len(host) > 253 || len(labels) < 2 {
		return refuse("host is not a public name")
	}
	for _, l := range labels {
		if l == "" {
			return refuse("host has an empty label")
		}
	}
	if numeric(labels[len(labels)-1]) {
		a, err := netip.ParseAddr(host)
		if err != nil || host != name || !Public(a) {
			return refuse(name)
		}
		return nil
	}
	for _, inner := range innerNames {
		if host == inner || strings.HasSuffix(host, "."+inner) {
			return refuse("host is a name of the inside")
		}
	}
	return nil
}

// numeric reports whether a last label makes the whole host an IPv4 address to
// some resolver: decimal, octal or hexadecimal.
func numeric(label string) bool {
	if strings.HasPrefix(label, "0x") {
		return true
	}
	return strings.Trim(label, "0123456789") == ""
}
