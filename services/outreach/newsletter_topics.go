package outreach

import (
	"context"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// newsletterTopics answers NewsletterTopicService.
type newsletterTopics struct {
	outreachv1.UnimplementedNewsletterTopicServiceServer
	newsletters
}

// ListNewsletterTopics lists what a reader can choose.
func (s *newsletterTopics) ListNewsletterTopics(ctx context.Context, req *outreachv1.ListNewsletterTopicsRequest) (*outreachv1.ListNewsletterTopicsResponse, error) {
	topics, err := store.NewsletterTopics(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	resp := &outreachv1.ListNewsletterTopicsResponse{
		Consent: &outreachv1.NewsletterConsent{Version: consentVersion, Text: consentText},
	}
	for _, t := range topics {
		if !t.Ended || req.GetEnded() {
			resp.Topics = append(resp.Topics, topicToProto(t))
		}
	}
	for _, a := range newsletter.Areas {
		resp.Areas = append(resp.Areas, &outreachv1.NewsletterArea{Code: a.Code, Name: a.Name})
	}
	return resp, nil
}

// nameTopic refuses a topic without code or name. Errors: INVALID_FIELD.
func nameTopic(t *newsletter.Topic) error {
	var missing []fault.Field
	if t.Code == "" {
		missing = append(missing, fault.Missing("topic.code"))
	}
	if t.Name == "" {
		missing = append(missing, fault.Missing("topic.name"))
	}
	return fault.ErrInvalidField.OnAny(missing)
}

// CreateNewsletterTopic adds a topic.
func (s *newsletterTopics) CreateNewsletterTopic(ctx context.Context, req *outreachv1.CreateNewsletterTopicRequest) (*outreachv1.CreateNewsletterTopicResponse, error) {
	t := topicFromProto(req.GetTopic())
	if err := nameTopic(t); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateNewsletterTopicResponse, error) {
		if err := store.InsertNewsletterTopic(ctx, tx, t); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.createTopic", ObjectType: "newsletterTopic", ObjectID: t.Code})
		return &outreachv1.CreateNewsletterTopicResponse{Topic: topicToProto(t)}, nil
	})
}

var topicPaths = rpc.PathsOf(&outreachv1.NewsletterTopicInput{}, "code")

// UpdateNewsletterTopic changes fields of a topic.
func (s *newsletterTopics) UpdateNewsletterTopic(ctx context.Context, req *outreachv1.UpdateNewsletterTopicRequest) (*outreachv1.UpdateNewsletterTopicResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), topicPaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UpdateNewsletterTopicResponse, error) {
		old, err := store.LockNewsletterTopic(ctx, tx, req.GetCode())
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), old.Version); err != nil {
			return nil, err
		}
		t := topicFromProto(rpc.Merge(topicToInput(old), req.GetTopic(), paths))
		t.Version = old.Version
		if err := nameTopic(t); err != nil {
			return nil, err
		}
		if err := store.UpdateNewsletterTopic(ctx, tx, t); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.newsletter.updateTopic", ObjectType: "newsletterTopic", ObjectID: t.Code,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &outreachv1.UpdateNewsletterTopicResponse{Topic: topicToProto(t)}, nil
	})
}
