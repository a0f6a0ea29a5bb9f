package rpc_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

func TestMask(t *testing.T) {
	allowed := []string{"name", "valid_from", "address.city"}
	for name, c := range map[string]struct {
		paths []string
		want  rpc.Paths
		wrong []string
	}{
		"snake":          {paths: []string{"name", "valid_from"}, want: rpc.Paths{"name", "valid_from"}},
		"camel":          {paths: []string{"validFrom"}, want: rpc.Paths{"valid_from"}},
		"nested":         {paths: []string{"address.city"}, want: rpc.Paths{"address.city"}},
		"with the etag":  {paths: []string{"etag", "name"}, want: rpc.Paths{"name"}},
		"only the etag":  {paths: []string{"etag"}, wrong: []string{"updateMask"}},
		"none":           {wrong: []string{"updateMask"}},
		"everything":     {paths: []string{"*"}, wrong: []string{"*"}},
		"empty path":     {paths: []string{""}, wrong: []string{""}},
		"the parent":     {paths: []string{"address"}, wrong: []string{"address"}},
		"below a field":  {paths: []string{"name.x"}, wrong: []string{"name.x"}},
		"not allowed":    {paths: []string{"name", "full_name", "createTime"}, wrong: []string{"fullName", "createTime"}},
		"another's case": {paths: []string{"Name", "VALID_FROM"}, wrong: []string{"Name", "VALIDFROM"}},
	} {
		got, err := rpc.Mask(&fieldmaskpb.FieldMask{Paths: c.paths}, allowed...)
		wantEqual(t, name, c.want, got)
		var wrong []string
		if err != nil {
			f, _ := fault.As(err)
			wantEqual(t, name, "INVALID_FIELD_MASK", f.Reason)
			for _, v := range f.Fields {
				wrong = append(wrong, v.Path)
			}
		}
		wantEqual(t, name, c.wrong, wrong)
	}
	if _, err := rpc.Mask(nil, allowed...); err == nil {
		t.Error("no mask is accepted")
	}
}

func TestPathsHas(t *testing.T) {
	p := rpc.Paths{"name", "address.city"}
	for path, want := range map[string]bool{
		"name": true, "address.city": true, "address": true, "name.first": true, "address.street": false, "names": false, "nam": false, "": false,
	} {
		wantEqual(t, path, want, p.Has(path))
	}
}

// TestFilter: the page alone does not change it, anything else does.
func TestFilter(t *testing.T) {
	list := func() *directoryv1.ListDepartmentsRequest {
		return &directoryv1.ListDepartmentsRequest{On: "2026-04-01", PageSize: 10, PageToken: "x"}
	}
	first := list()
	want := rpc.Filter(first)
	wantEqual(t, "token of the request", "x", first.GetPageToken())
	other := list()
	other.PageSize, other.PageToken = 20, "y"
	wantEqual(t, "next page", want, rpc.Filter(other))
	other.On = "2026-04-02"
	if rpc.Filter(other) == want || rpc.Filter(&directoryv1.ListStaffRequest{}) == rpc.Filter(&directoryv1.ListDepartmentsRequest{}) {
		t.Error("two questions have the same filter")
	}
}

func TestReason(t *testing.T) {
	for sent, want := range map[string]string{
		"": "", "  ": "", "audit": "audit", "%E7%85%A7%E4%BC%9A": "照会", "100%": "100%", "%ff": "%ff", "a%20b": "a b",
		rpc.EncodeReason("本人からの照会 100%"): "本人からの照会 100%", strings.Repeat("x", 600): strings.Repeat("x", 500),
		rpc.EncodeReason(strings.Repeat("あ", 600)): strings.Repeat("あ", 500),
	} {
		ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs(rpc.MetaReason, sent))
		wantEqual(t, sent, want, rpc.Reason(ctx))
		got, err := rpc.RequireReason(ctx)
		wantEqual(t, sent, want, got)
		if f, _ := fault.As(err); (want == "") != (f != nil && f.Reason == "REASON_REQUIRED") {
			t.Errorf("%q: %v", sent, err)
		}
	}
}

// TestReasonIsAskedForByFormAndHeader: the refusal says what to do to whoever reads
// it, on a page or behind REST.
func TestReasonIsAskedForByFormAndHeader(t *testing.T) {
	_, err := rpc.RequireReason(t.Context())
	f, ok := fault.As(err)
	if !ok || !strings.Contains(f.Ja, "理由の欄") || !strings.Contains(f.Ja, "Kyodo-Reason ヘッダー") || !strings.Contains(f.En, "form") || !strings.Contains(f.En, "Kyodo-Reason header") {
		t.Errorf("%+v", f)
	}
}

func TestTraceID(t *testing.T) {
	for sent, want := range map[string]string{
		"00-" + trace + "-b7ad6b7169203331-01": trace,
		"":                                     "",
		trace:                                  "",
		"00-" + trace[1:] + "-b7ad6b7169203331-01":                       "",
		"00-" + strings.ToUpper(trace) + "-b7ad6b7169203331-01":          "",
		"00-" + trace[:31] + "\xff-b7ad6b7169203331-01":                  "",
		"00-" + strings.Repeat("x", 32) + "-b7ad6b7169203331-01":         "",
		"00-" + trace + "-b7ad6b7169203331-01-" + strings.Repeat("x", 9): "",
	} {
		wantEqual(t, sent, want, rpc.TraceID(metadata.NewIncomingContext(t.Context(), metadata.Pairs(rpc.MetaTraceParent, sent))))
	}
}

func TestMerge(t *testing.T) {
	old := &directoryv1.CreateDepartmentRequest{Name: "old", Kind: directoryv1.Department_SECTION}
	in := &directoryv1.CreateDepartmentRequest{Name: "new"}
	if got := rpc.Merge(old, in, rpc.Paths{"name"}); got.GetName() != "new" || got.GetKind() != directoryv1.Department_SECTION {
		t.Errorf("one field: %v", got)
	}
	if got := rpc.Merge(old, in, rpc.Paths{"kind"}); got.GetKind() != 0 {
		t.Errorf("a field that is taken away: %v", got)
	}
}
