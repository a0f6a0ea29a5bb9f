// Package fetch is the one way in which Kyodo reaches addresses that others
// chose: feeds of partners, links, webhooks. It goes to public addresses only.
//
// # Guarantees
//
// The address that a connection is made to is checked when it is dialled, after
// the name was resolved, for the first request and for each redirect: a name that
// resolves to another address the next time gains nothing. Nothing of the
// environment is used (no proxy, no netrc), no cookie is kept, no credential is
// sent, and no connection is used twice. An answer is held in memory within its
// limit, counted after decompression.
package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// The limits of a Config that does not say otherwise.
const (
	DefaultMaxBytes = 2 << 20
	DefaultTimeout  = 15 * time.Second
)

// The limits that no Config changes.
const (
	maxRedirects   = 3
	maxHeaderBytes = 32 << 10
	maxURL         = 2000
	maxRetryAfter  = 24 * time.Hour
)

var (
	// ErrForbidden refuses an address that is not public, in whatever spelling, and
	// every scheme and port but those of the web.
	ErrForbidden = errors.New("address is not public")
	// ErrRedirect refuses a fourth redirect, and one from https to http.
	ErrRedirect = errors.New("redirect is not followed")
	// ErrTooLarge refuses an answer over the limit.
	ErrTooLarge = errors.New("answer is too large")
	// ErrMediaType refuses an answer of another media type than asked for.
	ErrMediaType = errors.New("answer has another media type")
	// ErrTimeout says that the answer was not complete in time.
	ErrTimeout = errors.New("no complete answer in time")
)

// Config says how a client behaves. The zero value is for production but for the
// UserAgent.
type Config struct {
	// UserAgent names the installation to the servers asked.
	UserAgent string
	// MaxBytes bounds the body after decompression; 0 for DefaultMaxBytes.
	MaxBytes int64
	// Timeout bounds a request with its redirects and its body; 0 for
	// DefaultTimeout.
	Timeout time.Duration
	// Allow is for tests, which have no public address: what it admits is reached
	// without any check of address and port. It is nil in production; no setting
	// of an installation sets it.
	Allow func(netip.AddrPort) bool
}

// Client fetches. It is safe for concurrent use.
type Client struct {
	cfg    Config
	dialer *net.Dialer
	http   *http.Client
}

// New makes a client.
func New(cfg Config) *Client {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = DefaultMaxBytes
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	c := &Client{cfg: cfg}
	c.dialer = &net.Dialer{Timeout: 5 * time.Second, Control: c.control}
	c.http = &http.Client{
		Transport: &http.Transport{
			DialContext:            c.dialer.DialContext,
			DisableKeepAlives:      true,
			TLSHandshakeTimeout:    5 * time.Second,
			ResponseHeaderTimeout:  10 * time.Second,
			MaxResponseHeaderBytes: maxHeaderBytes,
		},
		CheckRedirect: c.redirect,
	}
	return c
}

// control checks the resolved address that is about to be dialled.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	if c.cfg.Allow != nil && c.cfg.Allow(to) {
		return nil
	}
	if !webPort(to.Port()) || !Public(to.Addr()) {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	return nil
}

// redirect checks each redirect of a GET; other methods follow none.
func (c *Client) redirect(req *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	req.Header.Del("Referer")
	if len(via) > maxRedirects || via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return ErrRedirect
	}
	return c.check(req.URL)
}

// Check refuses an address that Do would refuse without resolving its name, so
// that it need not be stored. Errors: ErrForbidden.
func (c *Client) Check(raw string) error {
	_, err := c.parse(raw)
	return err
}

func (c *Client) parse(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrForbidden, maxURL)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	u.Fragment, u.RawFragment = "", ""
	return u, c.check(u)
}

// check refuses what can be refused by the text of the address alone.
func (c *Client) check(u *url.URL) error {
	if c.cfg.Allow != nil {
		if to, err := netip.ParseAddrPort(u.Host); err == nil && c.cfg.Allow(to) {
			return nil
		}
	}
	return checkURL(u)
}

// Request is what is asked.
type Request struct {
	// URL is http or https.
	URL string
	// Method is GET when empty.
	Method string
	// Header is sent beside User-Agent and Accept-Encoding; may be nil.
	Header http.Header
	// Body is sent; may be nil.
	Body []byte
	// ETag and LastModified are those of the answer before; with one that still
	// holds the answer is NotModified.
	ETag, LastModified string
	// MediaTypes are those of a success that are taken, the best first; none for any.
	MediaTypes []string
	// NoBody leaves the body of a success unread, where how it answers is enough.
	NoBody bool
}

// Response is what was answered.
type Response struct {
	Status int
	// NotModified says that nothing changed since the answer before.
	NotModified bool
	// URL is the address that answered, after redirects.
	URL       string
	MediaType string
	Body      []byte // Of a success only.
	// ETag and LastModified are for the next Request.
	ETag, LastModified string
	// RetryAfter is how long the server wants to be left alone, at most a day; zero
	// where it says nothing.
	RetryAfter time.Duration
}

// OK reports whether the status is a success (2xx).
func (r *Response) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Do asks once; a status of failure is no error. Errors: ErrForbidden,
// ErrRedirect, ErrTooLarge, ErrMediaType, ErrTimeout, and any other for a server
// that cannot be reached.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	u, err := c.parse(r.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	req, err := c.request(ctx, u, r)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, timed(err)
	}
	defer answer.Body.Close()
	return c.read(answer, r)
}

func (c *Client) request(ctx context.Context, u *url.URL, r Request) (*http.Request, error) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	for name, values := range r.Header {
		req.Header[name] = slices.Clone(values)
	}
	for _, t := range r.MediaTypes {
		req.Header.Add("Accept", t)
	}
	if r.ETag != "" {
		req.Header.Set("If-None-Match", r.ETag)
	}
	if r.LastModified != "" {
		req.Header.Set("If-Modified-Since", r.LastModified)
	}
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	return req, nil
}

func (c *Client) read(answer *http.Response, r Request) (*Response, error) {
	out := &Response{
		Status: answer.StatusCode, NotModified: answer.StatusCode == http.StatusNotModified, URL: answer.Request.URL.String(),
		ETag: answer.Header.Get("ETag"), LastModified: answer.Header.Get("Last-Modified"), RetryAfter: retryAfter(answer.Header),
	}
	if !out.OK() {
		return out, nil
	}
	// A header that cannot be read has no media type of those asked for.
	out.MediaType, _, _ = mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if len(r.MediaTypes) > 0 && !slices.Contains(r.MediaTypes, out.MediaType) {
		return nil, fmt.Errorf("%w: %q", ErrMediaType, out.MediaType)
	}
	if r.NoBody {
		return out, nil
	}
	var err error
	if out.Body, err = io.ReadAll(io.LimitReader(answer.Body, c.cfg.MaxBytes+1)); err != nil {
		return nil, timed(err)
	}
	if int64(len(out.Body)) > c.cfg.MaxBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.cfg.MaxBytes)
	}
	return out, nil
}

// retryAfter reads the header in seconds; a date is rare, and then unread.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maxRetryAfter)
}

func timed(err error) error {
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return err
}
