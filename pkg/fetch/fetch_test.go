package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serve runs a server and a client that may reach it and nothing else inside.
func serve(t *testing.T, h http.HandlerFunc) (*Client, string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	own := netip.MustParseAddrPort(strings.TrimPrefix(s.URL, "http://"))
	return New(Config{UserAgent: "test", Allow: func(to netip.AddrPort) bool { return to == own }}), s.URL
}

func TestConditionalRequest(t *testing.T) {
	var seen http.Header
	c, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", "Tue, 24 Nov 2026 00:00:00 GMT")
		w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "<feed/>")
	})
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	first, err := c.Do(t.Context(), Request{URL: url + "/a#fragment", MediaTypes: []string{"application/atom+xml"}})
	if err != nil || string(first.Body) != "<feed/>" || first.MediaType != "application/atom+xml" || !first.OK() || first.NotModified {
		t.Fatalf("%+v %v", first, err)
	}
	again, err := c.Do(t.Context(), Request{URL: url, ETag: first.ETag, LastModified: first.LastModified})
	if err != nil || !again.NotModified || again.OK() {
		t.Fatalf("%+v %v", again, err)
	}
	if seen.Get("If-Modified-Since") == "" || seen.Get("User-Agent") != "test" || seen.Get("Cookie") != "" || seen.Get("Authorization") != "" {
		t.Errorf("headers %v", seen)
	}
}

func TestLimits(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 64 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	release := make(chan struct{})
	defer close(release)
	c, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case "/fits":
			_, _ = w.Write(make([]byte, DefaultMaxBytes))
		case "/large":
			_, _ = w.Write(make([]byte, DefaultMaxBytes+1))
		case "/headers":
			w.Header().Set("X-Long", strings.Repeat("x", 2*maxHeaderBytes))
		case "/drip":
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/busy":
			w.Header().Set("Retry-After", "9000000")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	c.cfg.Timeout = 2 * time.Second
	if r, err := c.Do(t.Context(), Request{URL: url + "/fits"}); err != nil || len(r.Body) != DefaultMaxBytes {
		t.Errorf("what fits: %v", err)
	}
	if r, err := c.Do(t.Context(), Request{URL: url + "/large", NoBody: true}); err != nil || !r.OK() || r.Body != nil {
		t.Errorf("a body that is not wanted: %v", err)
	}
	for path, want := range map[string]error{"/bomb": ErrTooLarge, "/large": ErrTooLarge, "/drip": ErrTimeout} {
		if _, err := c.Do(t.Context(), Request{URL: url + path}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if _, err := c.Do(t.Context(), Request{URL: url + "/headers"}); err == nil {
		t.Error("long headers are taken")
	}
	if _, err := c.Do(t.Context(), Request{URL: url + "/fits", MediaTypes: []string{"text/calendar"}}); !errors.Is(err, ErrMediaType) {
		t.Errorf("media type: %v", err)
	}
	if r, err := c.Do(t.Context(), Request{URL: url + "/busy"}); err != nil || r.Status != 429 || r.RetryAfter != maxRetryAfter || r.Body != nil {
		t.Errorf("busy: %+v %v", r, err)
	}
}

func TestRedirects(t *testing.T) {
	var reached atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(inside.Close)
	c, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		switch _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); {
		case r.URL.Path == "/inside":
			http.Redirect(w, r, inside.URL, http.StatusFound)
		case r.URL.Path == "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		case r.URL.Path == "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case err == nil && n > 0:
			http.Redirect(w, r, fmt.Sprintf("/%d", n-1), http.StatusMovedPermanently)
		case r.Header.Get("Referer") != "":
			w.WriteHeader(http.StatusTeapot)
		}
	})
	if r, err := c.Do(t.Context(), Request{URL: url + "/3"}); err != nil || r.Status != 200 || !strings.HasSuffix(r.URL, "/0") {
		t.Errorf("three redirects: %+v %v", r, err)
	}
	for path, want := range map[string]error{"/4": ErrRedirect, "/inside": ErrForbidden, "/metadata": ErrForbidden, "/file": ErrForbidden} {
		if _, err := c.Do(t.Context(), Request{URL: url + path}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	if r, err := c.Do(t.Context(), Request{URL: url + "/1", Method: http.MethodPost, Body: []byte("{}")}); err != nil || r.Status != 301 {
		t.Errorf("a POST follows no redirect: %+v %v", r, err)
	}
	if reached.Load() != 0 {
		t.Error("a redirect reached the inside")
	}
	downgrade, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://www.example.com/", nil)
	from, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://www.example.com/", nil)
	if err := c.redirect(downgrade, []*http.Request{from}); !errors.Is(err, ErrRedirect) {
		t.Errorf("from https to http: %v", err)
	}
}

// A public name that resolves to the inside is refused when it is dialled, however
// it resolved before.
func TestRebinding(t *testing.T) {
	for _, answer := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1", "64:ff9b::7f00:1"} {
		c := New(Config{Timeout: 5 * time.Second})
		c.dialer.Resolver = resolver(t, netip.MustParseAddr(answer))
		if _, err := c.Do(t.Context(), Request{URL: "http://rebind.example.com/"}); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	// The port is checked at the same place.
	if err := New(Config{}).control("tcp", "8.8.8.8:25", nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("port: %v", err)
	}
	if err := New(Config{}).control("tcp", "8.8.8.8:443", nil); err != nil {
		t.Errorf("public: %v", err)
	}
}

// resolver answers every question with one address.
func resolver(t *testing.T, a netip.Addr) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	kind, raw := uint16(28), a.AsSlice()
	if a.Is4() {
		kind = 1
	}
	go func() {
		query := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(answered(query[:n], kind, raw), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// answered is the DNS message that answers a query with an address of its kind,
// and with nothing for another kind (RFC 1035 4.1).
func answered(query []byte, kind uint16, address []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5
	out := append([]byte{}, query[:end]...)
	out[2], out[3] = 0x81, 0x80
	binary.BigEndian.PutUint16(out[10:], 0) // No additional records.
	if binary.BigEndian.Uint16(query[end-4:]) != kind {
		return out
	}
	binary.BigEndian.PutUint16(out[6:], 1)
	out = append(out, 0xc0, 12)
	out = binary.BigEndian.AppendUint16(out, kind)
	out = append(out, 0, 1, 0, 0, 0, 0)
	out = binary.BigEndian.AppendUint16(out, uint16(len(address)))
	return append(out, address...)
}
