package fetch

import (
	"errors"
	"net/netip"
	"testing"
)

func TestCheckRefusesEverySpelling(t *testing.T) {
	c := New(Config{})
	for _, u := range []string{
		// Schemes, credentials, ports.
		"ftp://www.example.com/", "file:///etc/passwd", "gopher://www.example.com:80/", "javascript:alert(1)", "http:www.example.com",
		"//www.example.com/", "www.example.com", "", "http://", "http:///x", "http://u@www.example.com/", "http://u:p@www.example.com/",
		"http://www.example.com:22/", "http://www.example.com:8080/", "http://www.example.com:/", "https://www.example.com:65616/",
		"http://www.example.com:0/", "http://[2606:4700::1111]:25/",
		// Names of the inside.
		"http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://printer.local/", "http://metadata.google.internal/",
		"http://postgres/", "http://nats.corp/", "http://router.home.arpa/", "http://1.0.0.127.in-addr.arpa/", "http://ｌｏｃａｌｈｏｓｔ/",
		"http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://a.ｌｏｃａｌ/", "http://a。internal/", "http://a\u00AD.loc\u200Bal/", "http://a..com/", "http://.a.com/", "http://a.com../",
		// IPv4 in decimal.
		"http://127.0.0.1/", "http://127.0.0.1./", "http://127.255.255.254/", "http://0.0.0.0/", "http://10.0.0.1/", "http://172.16.0.1/",
		"http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/", "http://100.127.255.255/", "http://169.254.169.254/latest/meta-data/",
		"http://192.0.0.1/", "http://192.0.2.1/", "http://198.18.0.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://192.88.99.1/",
		"http://224.0.0.1/", "http://239.255.255.255/", "http://240.0.0.1/", "http://255.255.255.255/",
		// Octal, hexadecimal, short and whole-number forms, public ones too.
		"http://0177.0.0.1/", "http://0177.0000.0000.0001/", "http://0x7f.0.0.1/", "http://0x7f.0x0.0x0.0x1/", "http://0X7F.1/", "http://127.1/",
		"http://127.0.1/", "http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://010.010.010.010/", "http://08.8.8.8/",
		"http://8.8.8.08/", "http://256.256.256.256/", "http://1.2.3.4.5/", "http://8.8.8.8.0x/", "http://134744072/", "http://1.1.1.1./",
		// Look-alikes.
		"http://１２７.０.０.１/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://127．0．0．1/", "http://127.0.0.1%2f/", "http://127.0.0.1%00/", "http://0x7f.１/",
		// IPv6.
		"http://[::]/", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[0000::0001]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
		"http://[::ffff:8.8.8.8]/", "http://[::127.0.0.1]/", "http://[64:ff9b::127.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[64:ff9b:1::1]/",
		"http://[2002:7f00:1::]/", "http://[2002:c0a8:101::1]/", "http://[2001::1]/", "http://[2001:db8::1]/", "http://[3fff::1]/", "http://[fe80::1]/",
		"http://[fe80::1%25eth0]/", "http://[2606:4700::1111%25eth0]/", "http://[fc00::1]/", "http://[fd12:3456::1]/", "http://[fec0::1]/",
		"http://[ff02::1]/", "http://[100::1]/", "http://[5f00::1]/", "http://[::ffff:0:127.0.0.1]/", "http://[127.0.0.1]/", "http://[::1/",
	} {
		if err := c.Check(u); !errors.Is(err, ErrForbidden) {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func TestCheckTakesThePublicWeb(t *testing.T) {
	c := New(Config{})
	for _, u := range []string{
		"http://www.example.com/", "https://www.example.com:443/a?b=c#d", "http://www.example.com:80/", "https://WWW.Example.COM./feed", "http://8.8.8.8/",
		"https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]:443/", "https://例え.jp/", "https://xn--r8jz45g.jp/", "http://1.example.com/", "http://127.0.0.1.example.com/",
	} {
		if err := c.Check(u); err != nil {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "172.15.255.255": true, "172.32.0.0": true, "100.63.255.255": true, "100.128.0.0": true, "11.0.0.0": true,
		"9.255.255.255": true, "126.255.255.255": true, "128.0.0.0": true, "169.253.255.255": true, "169.255.0.0": true,
		"192.167.255.255": true, "192.169.0.0": true, "198.17.255.255": true, "198.20.0.0": true, "223.255.255.255": true,
		"2606:4700::1": true, "2a00::1": true, "::ffff:8.8.8.8": true,
		"10.255.255.255": false, "127.0.0.1": false, "224.0.0.0": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false,
		"::1": false, "fe80::1%eth0": false, "2606:4700::1%eth0": false, "1fff::1": false, "4000::1": false, "64:ff9b::808:808": false,
	} {
		if got := Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("Public(%s) = %t", text, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func FuzzCheckNeverAdmitsALiteralOfTheInside(f *testing.F) {
	for _, host := range []string{"127.0.0.1", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "１２７.０.０.１", "example.com"} {
		f.Add(host)
	}
	c := New(Config{})
	f.Fuzz(func(t *testing.T, host string) {
		u, err := c.parse("http://" + host + "/")
		if err != nil {
			return
		}
		if a, err := netip.ParseAddr(foldHost(u.Hostname())); err == nil && !Public(a) {
			t.Errorf("%q is admitted", host)
		}
	})
}
