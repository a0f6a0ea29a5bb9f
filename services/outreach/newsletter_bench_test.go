package outreach

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

const benchReaders = 100_000

// BenchmarkNewsletter sends an issue to 100,000 readers, beside a bare SMTP loop of as
// many conversations that sends one ready mail of the same length to everybody, each in a
// process of its own. The aim is 8,000 mails a second on two cores, the server and the
// database beside it. Then it sends again while the process is killed three times, and
// every reader gets exactly one mail.
func BenchmarkNewsletter(b *testing.B) {
	o := newPostOffice(b, benchReaders)
	o.peak = filepath.Join(b.TempDir(), "peak")
	size := 0
	o.box.change(func() { o.box.length = func(n int) { size = max(size, n) } })
	rate, memory := o.timed(o.start), o.memory()
	o.exactlyOne()
	bare := o.timed(func() *exec.Cmd { return o.startBare(size) })
	b.ReportMetric(rate, "mails/s")
	b.ReportMetric(bare, "bare-mails/s")
	b.ReportMetric(rate/bare, "of-bare")
	b.ReportMetric(memory, "peak-MB")
	b.ReportMetric(float64(size), "bytes/mail")
	small := newPostOffice(b, benchReaders/10)
	small.peak = filepath.Join(b.TempDir(), "peak")
	small.timed(small.start)
	b.ReportMetric(small.memory(), "peak-MB-of-a-tenth")
	killed := newPostOffice(b, benchReaders)
	killed.killed(benchReaders/5, benchReaders/2, benchReaders*9/10)
	killed.exactlyOne()
	b.ReportMetric(0, "ns/op") // one run is many mails; its own time says nothing
}

// timed runs a process to its end and returns the mails a second that the server took.
func (o *postOffice) timed(start func() *exec.Cmd) float64 {
	o.t.Helper()
	o.box.reset()
	if err := start().Wait(); err != nil {
		o.t.Fatal(err)
	}
	o.box.mu.Lock()
	defer o.box.mu.Unlock()
	return float64(o.box.total) / o.box.last.Sub(o.box.first).Seconds()
}

var peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// memory is the most memory that the process held, in MB.
func (o *postOffice) memory() float64 {
	o.t.Helper()
	status, err := os.ReadFile(o.peak)
	if err != nil {
		o.t.Fatal(err)
	}
	found := peakLine.FindSubmatch(status)
	if found == nil {
		o.t.Fatalf("no peak in %s", status)
	}
	kb, err := strconv.Atoi(string(found[1]))
	if err != nil {
		o.t.Fatal(err)
	}
	return float64(kb) / 1024
}

// bare is what the process of the bare loop is told.
type bare struct {
	Server       string
	Mails, Bytes int
}

const bareVariable = "KYODO_TEST_BARE_LOOP"

func (o *postOffice) startBare(size int) *exec.Cmd {
	o.t.Helper()
	told, err := json.Marshal(bare{Server: o.box.Address, Mails: o.many, Bytes: size})
	if err != nil {
		o.t.Fatal(err)
	}
	return o.run("^TestBareLoop$", bareVariable+"="+string(told))
}

// TestBareLoop is the process of the bare loop, when the benchmark starts it.
func TestBareLoop(t *testing.T) {
	told := os.Getenv(bareVariable)
	if told == "" {
		t.Skip("it is a part of a benchmark")
	}
	var of bare
	if err := json.Unmarshal([]byte(told), &of); err != nil {
		t.Fatal(err)
	}
	body := []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", of.Bytes/78))
	var g errgroup.Group
	for k := range batchWorkers {
		g.Go(func() error {
			c, err := smtp.Dial(of.Server)
			if err != nil {
				return err
			}
			for i := k; i < of.Mails; i += batchWorkers {
				if err := sendBare(c, fmt.Sprintf("reader%06d@example.jp", i), body); err != nil {
					return err
				}
			}
			return c.Quit()
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func sendBare(c *smtp.Client, to string, body []byte) error {
	if err := errors.Join(c.Mail("kyodo@city.example.jp"), c.Rcpt(to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return errors.Join(err, w.Close())
}

// reset forgets what was counted.
func (m *mailbox) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails, m.total, m.first, m.last = map[string]int{}, 0, time.Time{}, time.Time{}
}
