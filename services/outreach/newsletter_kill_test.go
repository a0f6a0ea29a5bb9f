package outreach

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// mailbox is a mail server that counts what it took, by recipient.
type mailbox struct {
	Address string
	server  *smtp.Server
	taken   func(n int)           // Called with every mail before its answer; nil for nothing.
	refuse  func(to string) error // Answers a recipient; nil takes everybody.
	length  func(n int)           // Called with the length of every mail; nil for nothing.

	mu          sync.Mutex
	mails       map[string]int
	total       int
	first, last time.Time
	sessions    int        // Conversations that go on.
	ended       *sync.Cond // One has ended.
}

func startMailbox(t testing.TB) *mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailbox{Address: l.Addr().String(), mails: map[string]int{}}
	m.ended = sync.NewCond(&m.mu)
	m.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.sessions++
		return &delivery{box: m}, nil
	}))
	m.server.Domain, m.server.MaxRecipients = "localhost", 1
	m.server.ErrorLog = discard{}         // Conversations are cut on purpose.
	go func() { _ = m.server.Serve(l) }() // ends with Close
	t.Cleanup(func() { _ = m.server.Close() })
	return m
}

// change changes what the server does.
func (m *mailbox) change(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do()
}

// quiet waits until the server has read everything that was sent to it.
func (m *mailbox) quiet() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.sessions > 0 {
		m.ended.Wait()
	}
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// delivery is one conversation.
type delivery struct {
	box *mailbox
	to  string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (d *delivery) Reset()                               { d.to = "" }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	if d.box.refuse != nil {
		return d.box.refuse(to)
	}
	return nil
}

// Data takes the mail once it is whole, as a real server does.
func (d *delivery) Data(r io.Reader) error {
	size, err := io.Copy(io.Discard, r)
	if err != nil {
		return err
	}
	d.box.mu.Lock()
	d.box.mails[d.to]++
	d.box.total++
	n := d.box.total
	if d.box.last = time.Now(); n == 1 {
		d.box.first = d.box.last
	}
	if d.box.length != nil {
		d.box.length(int(size))
	}
	taken := d.box.taken
	d.box.mu.Unlock()
	if taken != nil {
		taken(n)
	}
	return nil
}

func (d *delivery) Logout() error {
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.sessions--
	d.box.ended.Broadcast()
	return nil
}

// postOffice is an installation with readers, an issue that is due, and a process of its
// own that sends it.
type postOffice struct {
	t    testing.TB
	db   *pg.DB
	url  string
	box  *mailbox
	dir  string
	id   string
	many int
	peak string // See office.
}

// The subject and the texts of the sample issue are about as long as a real one's.
func newPostOffice(t testing.TB, readers int) *postOffice {
	t.Helper()
	urls := pgtest.Service(t, "outreach", func(ctx context.Context, url string) error { return service.Migrate(ctx, url, Module) })
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Runtime, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	o := &postOffice{t: t, db: db, url: urls.Runtime, box: startMailbox(t), dir: t.TempDir(), many: readers}
	n := newslettersOf(o.deps(nil))
	_, err = pg.InTx(auth.With(t.Context(), auth.Service("outreach")), db, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		i := &newsletter.Issue{
			ID: n.NewID(), State: newsletter.Scheduled, SendAt: tx.Now, CreatedBy: "a", EditedBy: "a", RequestedBy: "a", ApprovedBy: "b",
			Content: newsletter.Content{Title: "協働のお知らせ（見本）", Contact: "総合窓口"},
		}
		i.From, i.To = jp.DateOf(tx.Now), jp.DateOf(tx.Now)
		for k := range 8 {
			id := fmt.Sprintf("01990000-0000-7000-8000-%012d", k)
			store.PutSearchEntry(tx, store.SearchEntry{Kind: "ARTICLE", ID: id, Title: "見本", URL: "https://kyodo.example/", PublishedAt: tx.Now})
			i.Items = append(i.Items, newsletter.Item{
				Source: newsletter.Source{ID: id, Section: newsletter.Notice, Title: "見本のお知らせ", Summary: strings.Repeat("要旨", 30), URL: "https://kyodo.example/articles/" + id},
				Topics: []string{[]string{"children", "disaster"}[k%2]},
			})
		}
		o.id = i.ID
		_, err := store.InsertIssue(ctx, tx, i)
		return struct{}{}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	o.fill(n, readers)
	return o
}

// fill makes readers with different wishes.
func (o *postOffice) fill(n newsletters, readers int) {
	o.t.Helper()
	var rows [][]any
	for i := range readers {
		id, email := n.NewID(), fmt.Sprintf("reader%06d@example.jp", i)
		wish := [][]string{{"children"}, {"disaster"}, {"children", "disaster"}}[i%3]
		rows = append(rows, []any{
			id, n.keys.address.MAC([]byte(email)), n.keys.vault.Seal([]byte(email), nil), tokenHash(secret(n.keys.link, id)), "ACTIVE", wish,
			[]string{},
			"HTML", 0, n.Now(), n.Now(), 1,
		})
	}
	columns := []string{"id", "address_hash", "email", "token_hash", "state", "topics", "areas", "format", "soft_bounces", "confirmed_at", "updated_at", "version"}
	for some := range slices.Chunk(rows, 5000) {
		if _, err := o.db.Pool().CopyFrom(o.t.Context(), pgx.Identifier{"newsletter_reader"}, columns, pgx.CopyFromRows(some)); err != nil {
			o.t.Fatal(err)
		}
	}
	if _, err := o.db.Pool().Exec(o.t.Context(), `ANALYZE newsletter_reader`); err != nil {
		o.t.Log(err) // only the owner may
	}
}

func (o *postOffice) deps(sender *mail.Sender) service.Deps {
	d := service.ToolDeps(o.db, slog.New(slog.DiscardHandler))
	d.Key, d.Origin, d.Mail = func(purpose string) seal.Key { return seal.Key{1}.Derive(purpose) }, "https://kyodo.example", sender
	return d
}

// office is what the process that sends is told.
type office struct {
	URL, Server, Spool, Issue string
	Peak                      string // File for the most memory that it held; "" for none.
}

const officeVariable = "KYODO_TEST_POST_OFFICE"

// start starts a process that sends until everything is sent.
func (o *postOffice) start() *exec.Cmd {
	o.t.Helper()
	told, err := json.Marshal(office{URL: o.url, Server: o.box.Address, Spool: o.dir, Issue: o.id, Peak: o.peak})
	if err != nil {
		o.t.Fatal(err)
	}
	return o.run("^TestPostOffice$", officeVariable+"="+string(told))
}

// run starts a test of this binary as a process of its own.
func (o *postOffice) run(test, variable string) *exec.Cmd {
	o.t.Helper()
	cmd := exec.CommandContext(o.t.Context(), os.Args[0], "-test.run", test, "-test.count", "1") //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), variable)
	cmd.Stdout, cmd.Stderr = o.t.Output(), o.t.Output()
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	return cmd
}

// TestPostOffice is the process that sends, when another test starts it.
func TestPostOffice(t *testing.T) {
	told := os.Getenv(officeVariable)
	if told == "" {
		t.Skip("it is a part of other tests")
	}
	var of office
	if err := json.Unmarshal([]byte(told), &of); err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(t.Context(), pg.Config{URL: of.URL, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	sender, err := mail.New(mail.Config{Address: of.Server, From: "kyodo@city.example.jp", Name: "千代田区 協働ポータル", Spool: of.Spool})
	if err != nil {
		t.Fatal(err)
	}
	p := &postman{newsletters: newslettersOf((&postOffice{db: db}).deps(sender))}
	for {
		if err := p.sendDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		i, err := store.GetIssue(t.Context(), db, of.Issue, true)
		if err != nil {
			t.Fatal(err)
		}
		if i.State != newsletter.Sent {
			continue
		}
		if of.Peak != "" {
			status, err := os.ReadFile("/proc/self/status")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(of.Peak, status, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
}

// killed sends the issue while the process is killed when the server has taken so many
// mails, between taking the mail and answering.
func (o *postOffice) killed(at ...int) {
	o.t.Helper()
	var mu sync.Mutex
	var running *exec.Cmd
	o.box.change(func() {
		o.box.taken = func(n int) {
			mu.Lock()
			defer mu.Unlock()
			if len(at) > 0 && n >= at[0] {
				at = at[1:]
				_ = running.Process.Signal(syscall.SIGKILL) // it runs: it sends the mail
			}
		}
	})
	kills := 0
	for {
		mu.Lock()
		running = o.start()
		mu.Unlock()
		err := running.Wait()
		if err == nil {
			break
		}
		if status, ok := running.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			o.t.Fatal(err)
		}
		kills++
	}
	o.box.quiet()
	mu.Lock()
	defer mu.Unlock()
	if kills != 3 || len(at) != 0 {
		o.t.Errorf("killed %d times, %v are left", kills, at)
	}
}

// exactlyOne: each got exactly one mail, and the counts say so.
func (o *postOffice) exactlyOne() {
	o.t.Helper()
	o.box.quiet()
	o.box.mu.Lock()
	defer o.box.mu.Unlock()
	wrong := 0
	for i := range o.many {
		to := fmt.Sprintf("reader%06d@example.jp", i)
		if got := o.box.mails[to]; got != 1 {
			if wrong++; wrong < 5 {
				o.t.Errorf("%s got %d mails", to, got)
			}
		}
	}
	counts, err := store.CountsOf(o.t.Context(), o.db, o.id)
	if err != nil || wrong > 0 || o.box.total != o.many || counts.Readers != o.many || counts.Sent != o.many {
		o.t.Errorf("%d readers, %d mails, %d got none or two; counts %+v, %v", o.many, o.box.total, wrong, counts, err)
	}
	o.t.Logf("%d mails, %d without a read answer", o.box.total, counts.Unconfirmed)
	if left, err := os.ReadDir(o.dir); err != nil || len(left) > 0 {
		o.t.Errorf("the spool holds %v, %v", left, err)
	}
}

// Each of 3,000 readers gets exactly one mail, also when the process is killed three
// times in the middle, each time after the server took a mail and before its answer.
func TestEachReaderGetsOneMailThoughTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, 3000)
	o.killed(400, 1300, 2200)
	o.exactlyOne()
}
