package rule

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// clause is one thing that an item says, a line a value.
type clause struct {
	name  string
	lines []string
}

// difference is a clause that a draft changes: what goes and what comes.
type difference struct {
	name          string
	before, after []string
}

// handling are the fields of items that say nothing about the hall or rule.
var handling = []string{"id", "facilityId", "state", "updateTime", "approveTime", "draftOpen", "etag", "affectedBookings", "combinedIds"}

// clauses are those of an item, in the order of the contract.
func clauses(ctx context.Context, names hall.Rooms, i item) []clause {
	var out []clause
	m := i.ProtoReflect()
	if !m.IsValid() {
		return nil
	}
	fields := m.Descriptor().Fields()
	for n := range fields.Len() {
		fd := fields.Get(n)
		switch {
		case slices.Contains(handling, fd.JSONName()) || !m.Has(fd) && fd.ContainingOneof() != nil:
		case fd.ContainingOneof() != nil:
			out = append(out, content(ctx, names, m.Get(fd).Message())...)
		default:
			out = append(out, clause{label(ctx, fd), lines(ctx, names, m, fd)})
		}
	}
	return out
}

func content(ctx context.Context, names hall.Rooms, m protoreflect.Message) []clause {
	var out []clause
	fields := m.Descriptor().Fields()
	for n := range fields.Len() {
		out = append(out, clause{label(ctx, fields.Get(n)), lines(ctx, names, m, fields.Get(n))})
	}
	return out
}

// differences are the clauses in which a draft is not what is in force.
func differences(ctx context.Context, names hall.Rooms, before, after item) []difference {
	was := clauses(ctx, names, before)
	var out []difference
	for _, c := range clauses(ctx, names, after) {
		d := difference{name: c.name, after: c.lines}
		for _, b := range was {
			if b.name == c.name {
				d.before = b.lines
			}
		}
		if slices.Equal(d.before, d.after) {
			continue
		}
		d.before, d.after = without(d.before, d.after), without(d.after, d.before)
		out = append(out, d)
	}
	return out
}

// without returns the lines of a that b does not have.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(line string) bool { return slices.Contains(b, line) })
}

func label(ctx context.Context, fd protoreflect.FieldDescriptor) string {
	if key := "rule.field." + fd.JSONName(); text.Has(key) {
		return text.S(ctx, key)
	}
	return fd.JSONName()
}

// lines are the values of a field; none for one that is not set.
func lines(ctx context.Context, names hall.Rooms, m protoreflect.Message, fd protoreflect.FieldDescriptor) []string {
	switch {
	case !m.Has(fd):
		return nil
	case fd.IsList() && fd.Message() == nil:
		var out []string
		for i := range m.Get(fd).List().Len() {
			out = append(out, scalar(ctx, names, fd, m.Get(fd).List().Get(i)))
		}
		return []string{strings.Join(out, "、")}
	case fd.IsList():
		var out []string
		for i := range m.Get(fd).List().Len() {
			out = append(out, row(ctx, names, m.Get(fd).List().Get(i).Message()))
		}
		return out
	case fd.Message() != nil:
		if a, ok := m.Get(fd).Message().Interface().(*typev1.Address); ok {
			return []string{ui.AddressLine(a)}
		}
		return []string{row(ctx, names, m.Get(fd).Message())}
	default:
		return []string{scalar(ctx, names, fd, m.Get(fd))}
	}
}

// row is a message in one line.
func row(ctx context.Context, names hall.Rooms, m protoreflect.Message) string {
	var out []string
	fields := m.Descriptor().Fields()
	for n := range fields.Len() {
		fd := fields.Get(n)
		if v := lines(ctx, names, m, fd); len(v) > 0 {
			out = append(out, text.S(ctx, "ui.labelled", label(ctx, fd), strings.Join(v, "、")))
		}
	}
	return strings.Join(out, " ／ ")
}

// scalar is a value as people read it.
func scalar(ctx context.Context, names hall.Rooms, fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch name := fd.JSONName(); {
	case fd.Kind() == protoreflect.BoolKind:
		return text.S(ctx, fmt.Sprintf("rule.bool.%t", v.Bool()))
	case fd.Kind() == protoreflect.EnumKind:
		return enum(ctx, fd, v.Enum())
	case name == "roomId" || name == "partIds":
		return names.Name(ctx, v.String())
	case name == "amount" || name == "pricePerSlot":
		return ui.Yen(ctx, v.Int())
	case name == "validFrom" || name == "validTo":
		return ui.LongDate(ctx, v.String())
	case name == "weekdays":
		return text.S(ctx, fmt.Sprintf("ui.weekday.%d", v.Int()%7))
	case name == "weeks":
		return text.S(ctx, fmt.Sprintf("rule.week.%d", v.Int()))
	case name == "organizationKinds":
		return text.S(ctx, "organization.kind."+v.String())
	default:
		return v.String()
	}
}

func enum(ctx context.Context, fd protoreflect.FieldDescriptor, n protoreflect.EnumNumber) string {
	switch fd.Enum().FullName() {
	case facilitiesv1.UserClass_PURPOSE_UNSPECIFIED.Descriptor().FullName():
		return text.Enum(ctx, "hall.purpose", facilitiesv1.UserClass_Purpose(n))
	case facilitiesv1.UserClass_CHANNEL_UNSPECIFIED.Descriptor().FullName():
		return text.Enum(ctx, "booking.channel", facilitiesv1.UserClass_Channel(n))
	case facilitiesv1.OpeningRule_SHIFT_UNSPECIFIED.Descriptor().FullName():
		return text.Enum(ctx, "rule.shift", facilitiesv1.OpeningRule_Shift(n))
	case facilitiesv1.Closure_KIND_UNSPECIFIED.Descriptor().FullName():
		return text.Enum(ctx, "rule.closure", facilitiesv1.Closure_Kind(n))
	default:
		return string(fd.Enum().Values().ByNumber(n).Name())
	}
}
