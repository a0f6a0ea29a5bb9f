package facilities

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// text is the name of an enum value; nothing for the unspecified one. The domain
// uses the names of the contract.
func text[E interface {
	~int32
	String() string
}](e E) string {
	if e == 0 {
		return ""
	}
	return e.String()
}

// instant writes a time for the wire; nothing for none.
func instant(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// date writes a day for the wire; nothing for none.
func date(d jp.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// day reads an optional day whose form the contract has checked. Errors:
// INVALID_FIELD for a day that does not exist.
func day(path, s string) (jp.Date, error) {
	if s == "" {
		return jp.Date{}, nil
	}
	d, err := jp.ParseDate(s)
	if err != nil {
		return jp.Date{}, fault.ErrInvalidField.On(fault.Field{
			Path: path, Reason: fault.ErrInvalidField.Reason, Ja: jp.ErrDate.Ja, En: jp.ErrDate.En,
		})
	}
	return d, nil
}

// each converts a list.
func each[A, B any](list []A, convert func(A) B) []B {
	if list == nil {
		return nil
	}
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = convert(v)
	}
	return out
}

// paged cuts the row that a list reads beyond its page, and returns the sort
// values of the last row where there was one.
func paged[T any](rows []T, page pg.Page, after func(T) []string) ([]T, []string) {
	if len(rows) <= page.Size {
		return rows, nil
	}
	rows = rows[:page.Size]
	return rows, after(rows[len(rows)-1])
}

// merge writes into an empty input what a resource says in the fields of the same
// name, and over it what in says in the fields of the mask.
func merge[I proto.Message](into I, resource, in proto.Message, paths rpc.Paths) I {
	dst, old, src := into.ProtoReflect(), resource.ProtoReflect(), in.ProtoReflect()
	fields := dst.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if paths.Has(string(f.Name())) {
			if src.Has(f) {
				dst.Set(f, src.Get(f))
			}
			continue
		}
		if from := old.Descriptor().Fields().ByName(f.Name()); from != nil && old.Has(from) {
			dst.Set(f, old.Get(from))
		}
	}
	return into
}

// pathsOf are the paths that an update mask of an input may have: all but those
// that are set at creation only.
func pathsOf(input proto.Message, atCreation ...string) []string {
	fixed := map[string]bool{"etag": true}
	for _, name := range atCreation {
		fixed[name] = true
	}
	fields := input.ProtoReflect().Descriptor().Fields()
	var paths []string
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); !fixed[name] {
			paths = append(paths, name)
		}
	}
	return paths
}
