package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// unreadable is the subject of a dead letter that is no event.
const unreadable = "kyodo.directory.public.organization.01900000-0000-7000-8000-00000000dead"

// TestDeadLetters is an administrator who has a service take again what it gave up:
// an event of the sample data succeeds, what is no event stays and is named.
func TestDeadLetters(t *testing.T) {
	admin := open(t, phone).as("admin")
	bury(t)
	admin.visit("/health")
	admin.says("処理できなかったイベント", unreadable, sampleOrganization)
	admin.clean()
	admin.dialog("もう一度処理する")
	admin.choose("service", "outreach")
	admin.write("_why", " ")
	admin.follow(confirm("もう一度処理する"))
	admin.says("確認が必要なことがあります", "理由を入力してください")
	admin.clean()
	admin.write("_why", "原因を直したため（見本）")
	admin.follow(confirm("もう一度処理する"))
	admin.says("1件を処理しました。残っているのは1件です。", unreadable, "UNREADABLE")
	if strings.Contains(admin.text(), sampleOrganization) {
		t.Error("the event that was taken is listed still")
	}
	admin.clean()
	admin.visit("/audit?service=outreach&objectType=service")
	admin.says("operation.deadLetter.redrive", "原因を直したため（見本）")
}

// bury gives outreach two dead letters, and takes them away after the test.
func bury(t *testing.T) {
	t.Helper()
	url, err := os.ReadFile(filepath.Join(shared.dir, "data", "postgres.url"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithoutCancel(t.Context())
	db, err := pgx.Connect(ctx, strings.TrimSpace(string(url)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec(ctx, `DELETE FROM outreach.dead_letter`); err != nil {
			t.Error(err)
		}
		_ = db.Close(ctx) // the test is over
	})
	_, err = db.Exec(ctx, `
		INSERT INTO outreach.dead_letter (consumer, event_id, subject, headers, data, reason, attempts, died_at)
		SELECT 'outreach', id, subject, headers, data, 'a sample', 8, now()
		FROM (SELECT * FROM directory.event_log WHERE subject = 'kyodo.directory.public.organization.' || $1 ORDER BY position LIMIT 1) AS one
		UNION ALL
		SELECT 'outreach', gen_random_uuid(), $2, '{}', '', 'a sample', 1, now()`, sampleOrganization, unreadable)
	if err != nil {
		t.Fatal(err)
	}
}
