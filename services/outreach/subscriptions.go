package outreach

import (
	"context"
	"errors"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// subscriptions answers NewsletterSubscriptionService.
type subscriptions struct {
	outreachv1.UnimplementedNewsletterSubscriptionServiceServer
	newsletters
}

// Subscribe takes a wish in and has its address asked.
func (s *subscriptions) Subscribe(ctx context.Context, req *outreachv1.SubscribeRequest) (*outreachv1.SubscribeResponse, error) {
	if req.GetConsentVersion() != consentVersion {
		return nil, newsletter.ErrConsentOutdated.With("version", consentVersion)
	}
	email, id := strings.ToLower(req.GetEmail()), s.NewID()
	q := store.NewsletterRequest{
		ID: id, Wish: wishFromProto(req.GetSubscription()), ConsentVersion: consentVersion, Address: s.keys.address.MAC([]byte(email)),
		Email: s.keys.vault.Seal([]byte(email), nil), Token: tokenHash(secret(s.keys.confirm, id)),
	}
	answer := &outreachv1.SubscribeResponse{ValidHours: int32(newsletter.ConfirmWithin.Hours())}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.SubscribeResponse, error) {
		topics, err := store.NewsletterTopics(ctx, tx)
		if err != nil {
			return nil, err
		}
		if err := topics.Check(q.Topics); err != nil {
			return nil, err
		}
		waiting, err := store.RenewRequest(ctx, tx, q)
		if err != nil || waiting {
			return answer, err
		}
		due, ok, err := store.TakeQuietQuota(ctx, tx, q.Address)
		if err != nil || !ok {
			return answer, err
		}
		q.DueAt, q.ExpiresAt = due, due.Add(newsletter.ConfirmWithin)
		return answer, store.AddRequest(ctx, tx, q)
	})
}

// GetSubscription shows what a link is about.
func (s *subscriptions) GetSubscription(ctx context.Context, req *outreachv1.GetSubscriptionRequest) (*outreachv1.GetSubscriptionResponse, error) {
	hash := tokenHash(req.GetToken())
	reader, err := store.ReaderByToken(ctx, s.DB, hash)
	if err == nil {
		return &outreachv1.GetSubscriptionResponse{Subscription: readerToProto(reader)}, nil
	}
	if !errors.Is(err, fault.ErrNotFound) {
		return nil, err
	}
	q, err := store.RequestByToken(ctx, s.DB, hash)
	if err != nil {
		return nil, err
	}
	if q.ReaderID != "" {
		if reader, err = store.GetReader(ctx, s.DB, q.ReaderID); err != nil {
			return nil, err
		}
		return &outreachv1.GetSubscriptionResponse{Subscription: readerToProto(reader)}, nil
	}
	if !s.Now().Before(q.ExpiresAt) {
		return nil, registration.ErrLinkExpired
	}
	return &outreachv1.GetSubscriptionResponse{Subscription: requestToProto(q)}, nil
}

// ConfirmSubscription makes a wish a reader's.
func (s *subscriptions) ConfirmSubscription(ctx context.Context, req *outreachv1.ConfirmSubscriptionRequest) (*outreachv1.ConfirmSubscriptionResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.ConfirmSubscriptionResponse, error) {
		q, err := store.LockRequest(ctx, tx, tokenHash(req.GetToken()))
		if err != nil {
			return nil, err
		}
		if q.ReaderID != "" {
			reader, err := store.GetReader(ctx, tx, q.ReaderID)
			return &outreachv1.ConfirmSubscriptionResponse{Subscription: readerToProto(reader)}, err
		}
		if !tx.Now.Before(q.ExpiresAt) {
			return nil, registration.ErrLinkExpired
		}
		reader, err := s.readWith(ctx, tx, q)
		if err != nil {
			return nil, err
		}
		store.ConfirmRequest(tx, q, reader.ID)
		store.AddConsent(tx, s.NewID(), q)
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.confirm", ObjectType: "newsletterReader", ObjectID: reader.ID})
		return &outreachv1.ConfirmSubscriptionResponse{Subscription: readerToProto(reader)}, nil
	})
}

// readWith is the reader with the address of a confirmed wish, who reads it from now
// on: a new one, or who reads already.
func (s *subscriptions) readWith(ctx context.Context, tx *pg.Tx, q *store.NewsletterRequest) (*newsletter.Reader, error) {
	id := s.NewID()
	reader := &newsletter.Reader{ID: id, State: newsletter.Active, Wish: q.Wish, ConfirmedAt: tx.Now}
	added, err := store.InsertReader(ctx, tx, reader, q, tokenHash(secret(s.keys.link, id)))
	if err != nil || added {
		return reader, err
	}
	if reader, err = store.LockReaderByAddress(ctx, tx, q.Address); err != nil {
		return nil, err
	}
	reader.Choose(q.Wish)
	store.UpdateReader(tx, reader)
	return reader, nil
}

var subscriptionPaths = rpc.PathsOf(&outreachv1.SubscriptionInput{})

// UpdateSubscription changes what a reader gets.
func (s *subscriptions) UpdateSubscription(ctx context.Context, req *outreachv1.UpdateSubscriptionRequest) (*outreachv1.UpdateSubscriptionResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), subscriptionPaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UpdateSubscriptionResponse, error) {
		reader, err := store.LockReaderByToken(ctx, tx, tokenHash(req.GetToken()))
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), reader.Version); err != nil {
			return nil, err
		}
		if paths.Has("topics") {
			topics, err := store.NewsletterTopics(ctx, tx)
			if err != nil {
				return nil, err
			}
			if err := topics.Check(req.GetSubscription().GetTopics()); err != nil {
				return nil, err
			}
		}
		reader.Choose(wishFromProto(rpc.Merge(wishToInput(reader.Wish), req.GetSubscription(), paths)))
		store.UpdateReader(tx, reader)
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.newsletter.updateSubscription", ObjectType: "newsletterReader", ObjectID: reader.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &outreachv1.UpdateSubscriptionResponse{Subscription: readerToProto(reader)}, nil
	})
}

// Unsubscribe ends a subscription.
func (s *subscriptions) Unsubscribe(ctx context.Context, req *outreachv1.UnsubscribeRequest) (*outreachv1.UnsubscribeResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UnsubscribeResponse, error) {
		reader, err := store.LockReaderByToken(ctx, tx, tokenHash(req.GetToken()))
		if err != nil {
			return nil, err
		}
		if reader.End(tx.Now) {
			store.UpdateReader(tx, reader)
			audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.unsubscribe", ObjectType: "newsletterReader", ObjectID: reader.ID})
		}
		return &outreachv1.UnsubscribeResponse{Subscription: readerToProto(reader)}, nil
	})
}

// EraseSubscription deletes everything about a reader, or a wish that is not confirmed.
func (s *subscriptions) EraseSubscription(ctx context.Context, req *outreachv1.EraseSubscriptionRequest) (*outreachv1.EraseSubscriptionResponse, error) {
	hash := tokenHash(req.GetToken())
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.EraseSubscriptionResponse, error) {
		var id string
		reader, err := store.LockReaderByToken(ctx, tx, hash)
		switch {
		case err == nil:
			id = reader.ID
		case !errors.Is(err, fault.ErrNotFound):
			return nil, err
		default:
			q, err := store.LockRequest(ctx, tx, hash)
			if err != nil {
				return nil, err
			}
			if id = q.ReaderID; id == "" {
				store.DropRequests(tx, q.Address, s.NewID(), store.ErasedByLink)
			}
		}
		if id != "" {
			store.EraseReader(tx, id, s.NewID(), store.ErasedByLink)
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.erase", ObjectType: "newsletterReader", ObjectID: id})
		return &outreachv1.EraseSubscriptionResponse{}, nil
	})
}

// GetSubscriptionStatistics counts the readers.
func (s *subscriptions) GetSubscriptionStatistics(ctx context.Context, _ *outreachv1.GetSubscriptionStatisticsRequest) (*outreachv1.GetSubscriptionStatisticsResponse, error) {
	topics, err := store.NewsletterTopics(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	states, readers, err := store.CountReaders(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	resp := &outreachv1.GetSubscriptionStatisticsResponse{
		Active: int32(states[newsletter.Active]), Suspended: int32(states[newsletter.Suspended]),
		Unsubscribed: int32(states[newsletter.Unsubscribed]),
	}
	for _, t := range topics {
		resp.Topics = append(resp.Topics, &outreachv1.NewsletterTopicCount{Topic: topicToProto(t), Readers: int32(readers[t.Code])})
	}
	return resp, nil
}

// ReportBounce takes a report of a mail that came back.
func (s *subscriptions) ReportBounce(ctx context.Context, req *outreachv1.ReportBounceRequest) (*outreachv1.ReportBounceResponse, error) {
	resp := &outreachv1.ReportBounceResponse{}
	id := s.readerOfPath(req.GetReturnPath())
	if id == "" {
		return resp, nil
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.ReportBounceResponse, error) {
		return resp, takeBounce(ctx, tx, id, req.GetKind())
	})
}
