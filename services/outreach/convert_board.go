package outreach

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
)

func sizeToProto(s board.Size) outreachv1.Posting_Size {
	return outreachv1.Posting_Size(outreachv1.Posting_Size_value[string(s)])
}

// boardFromProto reads what the desk writes of a board.
func boardFromProto(in *outreachv1.BoardInput) *board.Board {
	return &board.Board{
		Number: in.GetNumber(), Name: jp.Clean(in.GetName()), Location: jp.Clean(in.GetLocation()), DepartmentID: in.GetDepartmentId(),
		Sizes:  convert.List(in.GetSizes(), func(s outreachv1.Posting_Size) board.Size { return board.Size(convert.EnumName(s)) }),
		Places: int(in.GetPlaces()), MaxDays: int(in.GetMaxDays()), CopiesPerPosting: int(in.GetCopiesPerPosting()),
		ApplyFromMonths: int(in.GetApplyFromMonths()), NeedsStamp: in.GetNeedsStamp(), Note: jp.Clean(in.GetNote()), InUse: !in.GetOutOfUse(),
	}
}

// boardToInput is what the desk would write to get the board as it is.
func boardToInput(b *board.Board) *outreachv1.BoardInput {
	return &outreachv1.BoardInput{
		Number: b.Number, Name: b.Name, Location: b.Location, DepartmentId: b.DepartmentID, Sizes: convert.List(b.Sizes, sizeToProto),
		Places: int32(b.Places), MaxDays: int32(b.MaxDays), CopiesPerPosting: int32(b.CopiesPerPosting),
		ApplyFromMonths: int32(b.ApplyFromMonths), NeedsStamp: b.NeedsStamp, Note: b.Note, OutOfUse: !b.InUse,
	}
}

func boardToProto(b *board.Board) *outreachv1.Board {
	return &outreachv1.Board{
		Id: b.ID, Number: b.Number, Name: b.Name, Location: b.Location, DepartmentId: b.DepartmentID, DepartmentName: b.DepartmentName,
		Sizes: convert.List(b.Sizes, sizeToProto), Places: int32(b.Places), MaxDays: int32(b.MaxDays), CopiesPerPosting: int32(b.CopiesPerPosting),
		ApplyFromMonths: int32(b.ApplyFromMonths), NeedsStamp: b.NeedsStamp, Note: b.Note, InUse: b.InUse,
		CreateTime: convert.Instant(b.CreatedAt), UpdateTime: convert.Instant(b.UpdatedAt), Etag: rpc.ETag(b.Version),
	}
}

// postingFromProto reads what an applicant writes. Errors: INVALID_FIELD for days
// that do not exist.
func postingFromProto(in *outreachv1.PostingInput) (*board.Posting, error) {
	starts, err := convert.Day("posting.startsOn", in.GetStartsOn())
	if err != nil {
		return nil, err
	}
	ends, err := convert.Day("posting.endsOn", in.GetEndsOn())
	if err != nil {
		return nil, err
	}
	return &board.Posting{
		OrganizationID: in.GetOrganizationId(), DepartmentID: in.GetDepartmentId(), DepartmentPart: credit.Part(convert.EnumName(in.GetDepartmentPart())),
		EventID: in.GetEventId(), Title: jp.Clean(in.GetTitle()), Body: jp.Clean(in.GetBody()), DateText: jp.Clean(in.GetDateText()),
		PlaceText: jp.Clean(in.GetPlaceText()), Contact: jp.Clean(in.GetContact()), URL: in.GetUrl(), Size: board.Size(convert.EnumName(in.GetSize())),
		Copies: int(in.GetCopies()), StartsOn: starts, EndsOn: ends, BoardIDs: in.GetBoardIds(),
	}, nil
}

// postingToInput is what the applicant would write to get the posting as it is.
func postingToInput(p *board.Posting) *outreachv1.PostingInput {
	return &outreachv1.PostingInput{
		OrganizationId: p.OrganizationID, DepartmentId: p.DepartmentID, DepartmentPart: partToProto(p.DepartmentPart), EventId: p.EventID,
		Title: p.Title, Body: p.Body, DateText: p.DateText, PlaceText: p.PlaceText, Contact: p.Contact, Url: p.URL,
		Size: sizeToProto(p.Size), Copies: int32(p.Copies), StartsOn: convert.Date(p.StartsOn), EndsOn: convert.Date(p.EndsOn), BoardIds: p.BoardIDs,
	}
}

func partToProto(p credit.Part) typev1.Credit_Part {
	return typev1.Credit_Part(typev1.Credit_Part_value[string(p)])
}

// postingURL is where the QR code leads: what the applicant names, else the event,
// else the sheet as a page.
func (s *boards) postingURL(p *board.Posting) string {
	switch {
	case p.URL != "":
		return p.URL
	case p.EventID != "":
		return s.Origin + "/events/" + p.EventID
	default:
		return s.Origin + "/v1/postings/" + p.ID + "/sheet.html"
	}
}

// postingToProto shows a posting as far as the reader sees it.
func (s *boards) postingToProto(p *board.Posting, by board.Reader) *outreachv1.Posting {
	out := &outreachv1.Posting{
		Id: p.ID, Number: p.Number, State: outreachv1.Posting_State(outreachv1.Posting_State_value[string(p.State)]),
		OrganizationId: p.OrganizationID, OrganizationName: p.OrganizationName, DepartmentId: p.DepartmentID, DepartmentName: p.DepartmentName,
		DepartmentPart: partToProto(p.DepartmentPart), Credits: convert.List(p.Credits, creditToProto), EventId: p.EventID, Title: p.Title, Body: p.Body,
		DateText: p.DateText, PlaceText: p.PlaceText, Contact: p.Contact, Url: s.postingURL(p), Size: sizeToProto(p.Size), Copies: int32(p.Copies),
		StartsOn: convert.Date(p.StartsOn), EndsOn: convert.Date(p.EndsOn), NeedsStamp: p.NeedsStamp,
		Places: convert.List(p.Places, func(at board.Place) *outreachv1.Posting_Place {
			return &outreachv1.Posting_Place{BoardId: at.BoardID, Number: at.Number, Name: at.Name}
		}),

		UpdateTime: convert.Instant(p.UpdatedAt), ApproveTime: convert.Instant(p.ApprovedAt), Etag: rpc.ETag(p.Version),
	}
	if by.Inside(p) {
		out.Reason, out.CreateTime = p.Reason, convert.Instant(p.CreatedAt)
	}
	return out
}
