package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
)

func standard(t testing.TB, m proto.Message) string {
	t.Helper()
	raw, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func page(n int) *auditv1.ListAuditEntriesResponse {
	out := &auditv1.ListAuditEntriesResponse{NextPageToken: "abc"}
	for i := range n {
		out.AuditEntries = append(out.AuditEntries, &auditv1.AuditEntry{
			Service: "proposals", Id: int64(i) + 1<<60, Time: timestamppb.New(time.Date(2026, 4, 1, 1, 2, 3, 456_000_000+i, time.UTC)),
			Actor: "0198c2b0-7d5e-7a44-9d6c-3f1f1c7b2a10", Roles: []string{"DESK", "APPROVER"}, Action: "proposals.proposal.submit",
			ObjectType: "proposal", ObjectId: fmt.Sprintf("0198c2b0-7d5e-7a44-9d6c-%012d", i), Reason: "住民の\"照会\"\\対応\n\x7f",
			Detail: map[string]string{"to": "SUBMITTED", "from": "DRAFT"},
		})
	}
	return out
}

func TestAppendEqualsProtojson(t *testing.T) {
	value, err := structpb.NewStruct(map[string]any{"b": []any{1.5, "二", nil, true}, "a": map[string]any{"x": false}})
	if err != nil {
		t.Fatal(err)
	}
	messages := []proto.Message{&auditv1.ListAuditEntriesResponse{}, page(3), &auditv1.AuditChain{Intact: true}, value, structpb.NewNullValue()}
	for _, body := range accepted {
		m := dynamicpb.NewMessage(specimen(t))
		if err := protojson.Unmarshal([]byte(body), m); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	for _, m := range messages {
		got, err := Append(nil, m.ProtoReflect())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(standard(t, m), string(got)); diff != "" {
			t.Errorf("%s (-protojson +Append):\n%s", m.ProtoReflect().Descriptor().FullName(), diff)
		}
	}
}

func TestAppendTimes(t *testing.T) {
	for _, nanos := range []int{0, 1, 1000, 1_000_000, 120_000_000, 999_999_999} {
		m := timestamppb.New(time.Date(1, 1, 1, 0, 0, 0, nanos, time.UTC))
		got, err := Append(nil, m.ProtoReflect())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(standard(t, m), string(got)); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := Append(nil, (&timestamppb.Timestamp{Seconds: 1 << 60}).ProtoReflect()); err == nil {
		t.Error("an instant out of range is written")
	}
}

func BenchmarkAppend(b *testing.B) {
	m := page(50).ProtoReflect()
	buf := make([]byte, 0, 64<<10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Append(buf, m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProtojson(b *testing.B) {
	m := page(50)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (protojson.MarshalOptions{EmitDefaultValues: true}).Marshal(m); err != nil {
			b.Fatal(err)
		}
	}
}
