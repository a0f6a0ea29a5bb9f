package directory

import (
	"encoding/json"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/introduction"
)

// registerExchange adds the services of the exchange and of referrals.
func registerExchange(d service.Deps, r grpc.ServiceRegistrar) {
	contacts := vault{key: d.Key("exchange-contact")}
	directoryv1.RegisterListingServiceServer(r, &listings{Deps: d})
	directoryv1.RegisterIntroductionServiceServer(r, &introductions{Deps: d, contacts: contacts})
	directoryv1.RegisterReferralServiceServer(r, &referrals{Deps: d, contacts: contacts})
}

// vault seals how persons are reached, each for the introduction or referral that
// it was given for.
type vault struct{ key seal.Key }

// contact is what is sealed.
type contact struct {
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

// seal seals a contact that somebody gives with consent; nil for an empty one.
// Errors: CONTACT_CONSENT_REQUIRED, INVALID_FIELD.
func (v vault) seal(id string, in *directoryv1.ExchangeContact, consent bool) ([]byte, error) {
	c := contact{Name: jp.Clean(in.GetName()), Phone: in.GetPhone(), Email: address(in.GetEmail())}
	if c == (contact{}) {
		return nil, nil
	}
	if !consent {
		return nil, introduction.ErrContactConsentRequired.OnPath("contactConsent")
	}
	if c.Phone != "" {
		phone, err := jp.ParsePhone(c.Phone)
		if err != nil {
			return nil, fault.ErrInvalidField.On(wrong("contact.phone", err))
		}
		c.Phone = phone
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return v.key.Seal(plain, []byte(id)), nil
}

// open reads a sealed contact; nil when none was given.
func (v vault) open(id string, sealed []byte) (*directoryv1.ExchangeContact, error) {
	if sealed == nil {
		return nil, nil
	}
	plain, err := v.key.Open(sealed, []byte(id))
	if err != nil {
		return nil, err
	}
	var c contact
	if err := json.Unmarshal(plain, &c); err != nil {
		return nil, err
	}
	return &directoryv1.ExchangeContact{Name: c.Name, Phone: c.Phone, Email: c.Email}, nil
}
