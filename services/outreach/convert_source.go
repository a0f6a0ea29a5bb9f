package outreach

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
)

// sourceFromProto reads what is written of a source.
func sourceFromProto(in *outreachv1.SourceInput) *source.Source {
	return &source.Source{
		Name: jp.Clean(in.GetName()), Description: jp.Clean(in.GetDescription()), Kind: source.Kind(convert.EnumName(in.GetKind())),
		URL: in.GetUrl(), SiteURL: in.GetSiteUrl(), OrganizationID: in.GetOrganizationId(),
		Interval: time.Duration(in.GetIntervalMinutes()) * time.Minute,
	}
}

// sourceToInput is what would be written to get the source as it is.
func sourceToInput(s *source.Source) *outreachv1.SourceInput {
	return &outreachv1.SourceInput{
		Name: s.Name, Description: s.Description, Kind: sourceKindToProto(s.Kind), Url: s.URL, SiteUrl: s.SiteURL,
		OrganizationId: s.OrganizationID, IntervalMinutes: int32(s.Interval / time.Minute),
	}
}

func sourceKindToProto(k source.Kind) outreachv1.Source_Kind {
	return outreachv1.Source_Kind(outreachv1.Source_Kind_value[string(k)])
}

// sourceToProto shows a source as far as the reader sees it.
func sourceToProto(s *source.Source, by source.Reader) *outreachv1.Source {
	out := &outreachv1.Source{
		Id: s.ID, Name: s.Name, Description: s.Description, Kind: sourceKindToProto(s.Kind), Url: s.URL, SiteUrl: s.SiteURL,
		OrganizationId: s.OrganizationID, OrganizationName: s.OrganizationName, IntervalMinutes: int32(s.Interval / time.Minute),
		State:  outreachv1.Source_State(outreachv1.Source_State_value[string(s.State)]),
		Health: outreachv1.Source_Health(outreachv1.Source_Health_value[string(s.Health())]), StatusCode: int32(s.StatusCode),
		CheckTime: convert.Instant(s.CheckedAt), ModifyTime: convert.Instant(s.ModifiedAt), CreateTime: convert.Instant(s.CreatedAt), UpdateTime: convert.Instant(s.UpdatedAt),
		Etag: rpc.ETag(s.Version),
	}
	if by.Inside(s.OrganizationID) {
		out.Failure, out.Failures, out.NextTime = s.Failure, int32(s.Failures), convert.Instant(s.DueAt)
	}
	return out
}

func itemToProto(i *source.Item) *outreachv1.Item {
	return &outreachv1.Item{
		Id: i.ID, SourceId: i.SourceID, SourceName: i.SourceName, SourceSiteUrl: i.SourceSiteURL, OrganizationId: i.OrganizationID,
		Title: i.Title, Summary: i.Summary, Url: i.URL, PublishTime: convert.Instant(i.PublishedAt), StartTime: convert.Instant(i.StartsAt),
		EndTime: convert.Instant(i.EndsAt), AllDay: i.AllDay, Location: i.Location, CreateTime: convert.Instant(i.CreatedAt), UpdateTime: convert.Instant(i.UpdatedAt),
		Hidden: i.Hidden,
	}
}
