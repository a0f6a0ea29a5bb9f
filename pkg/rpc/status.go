package rpc

import (
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Domain is the error domain of every ErrorInfo.
const Domain = "kyodo"

var codeOf = map[fault.Kind]codes.Code{
	fault.Internal:        codes.Internal,
	fault.Invalid:         codes.InvalidArgument,
	fault.Unauthenticated: codes.Unauthenticated,
	fault.Denied:          codes.PermissionDenied,
	fault.NotFound:        codes.NotFound,
	fault.Exists:          codes.AlreadyExists,
	fault.Precondition:    codes.FailedPrecondition,
	fault.Aborted:         codes.Aborted,
	fault.Exhausted:       codes.ResourceExhausted,
	fault.Unavailable:     codes.Unavailable,
	fault.Deadline:        codes.DeadlineExceeded,
	fault.Cancelled:       codes.Canceled,
}

// Status returns the gRPC status of a fault: exactly one ErrorInfo, and
// BadRequest, RetryInfo and LocalizedMessage where they apply. acceptLanguage is
// the caller's header; Japanese is the default.
func Status(f *fault.Error, acceptLanguage string) *status.Status {
	lang := Language(acceptLanguage)
	details := []protoadapt.MessageV1{
		&errdetails.ErrorInfo{Reason: f.Reason, Domain: Domain, Metadata: f.Metadata},
		&errdetails.LocalizedMessage{Locale: lang, Message: pick(lang, f.Ja, f.En)},
	}
	if len(f.Fields) > 0 {
		bad := &errdetails.BadRequest{}
		for _, v := range f.Fields {
			bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
				Field:            v.Path,
				Description:      v.En,
				Reason:           v.Reason,
				LocalizedMessage: &errdetails.LocalizedMessage{Locale: lang, Message: pick(lang, v.Ja, v.En)},
			})
		}
		details = append(details, bad)
	}
	if f.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(f.RetryAfter)})
	}
	st := status.New(codeOf[f.Kind], f.En)
	if with, err := st.WithDetails(details...); err == nil {
		return with
	}
	return st
}

// FromStatus returns the fault that a status of ours carries; ok is false for a
// status that has no ErrorInfo of ours.
func FromStatus(st *status.Status) (f *fault.Error, ok bool) {
	f = &fault.Error{En: st.Message(), Ja: st.Message()}
	for kind, code := range codeOf {
		if code == st.Code() {
			f.Kind = kind
		}
	}
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			ok = d.GetDomain() == Domain
			f.Reason, f.Metadata = d.GetReason(), d.GetMetadata()
		case *errdetails.LocalizedMessage:
			f.Ja = d.GetMessage()
		case *errdetails.RetryInfo:
			f.RetryAfter = d.GetRetryDelay().AsDuration()
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				f.Fields = append(f.Fields, fault.Field{
					Path: v.GetField(), Reason: v.GetReason(), Ja: v.GetLocalizedMessage().GetMessage(), En: v.GetDescription(),
				})
			}
		}
	}
	return f, ok
}

// Language chooses "ja" or "en" for an Accept-Language header (RFC 9110): the
// one that stands first; Japanese when neither does.
func Language(accept string) string {
	for tag := range strings.SplitSeq(strings.ToLower(accept), ",") {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";")
		primary, _, _ := strings.Cut(tag, "-")
		if slices.Contains([]string{"ja", "en"}, primary) {
			return primary
		}
	}
	return "ja"
}

func pick(lang, ja, en string) string {
	if lang == "en" {
		return en
	}
	return ja
}
