package outreach

import (
	"context"
	"crypto/hmac"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// The consent of readers. Another text is another version; who consented to an old
// one stays a reader.
const (
	consentVersion = "2026-1"
	consentText    = "メールアドレスと選んだ話題・地域は、千代田区の協働メールマガジンを送るためだけに使います。" +
		"いつでも配信を停止でき、停止から31日後に削除します。登録内容のページからすぐに削除することもできます。"
)

// newsletters is what the services and jobs of the mail magazine have in common.
type newsletters struct {
	service.Deps
	directory directory
	keys      newsletterKeys
}

// newsletterKeys are derived once: a mail needs three of them.
type newsletterKeys struct {
	address seal.Key // Hashes addresses; as for registrations, so that both share a quota.
	vault   seal.Key // Seals addresses.
	confirm seal.Key // Secrets of confirmation links, of the id of the wish.
	link    seal.Key // Secrets of readers' links, of the id of the reader.
	bounce  seal.Key // Signs return paths.
}

func newslettersOf(d service.Deps) newsletters {
	return newsletters{Deps: d, directory: directoryOf(d), keys: newsletterKeys{
		address: d.Key("mail address"), vault: d.Key("newsletter address"), confirm: d.Key("newsletter confirmation"),
		link: d.Key("newsletter link"), bounce: d.Key("newsletter bounce"),
	}}
}

func registerNewsletters(d service.Deps, r grpc.ServiceRegistrar) {
	n := newslettersOf(d)
	outreachv1.RegisterNewsletterSubscriptionServiceServer(r, &subscriptions{newsletters: n})
	outreachv1.RegisterNewsletterTopicServiceServer(r, &newsletterTopics{newsletters: n})
	outreachv1.RegisterNewsletterIssueServiceServer(r, &issues{newsletters: n})
}

// secret is the secret of a link: 256 bit that only the service can make. It is kept
// nowhere; the table has its hash.
func secret(k seal.Key, id string) string {
	return base64.RawURLEncoding.EncodeToString(k.MAC([]byte(id)))
}

// readerPage is the address of a reader's page, which is the secret.
func (n *newsletters) readerPage(readerID string) string {
	return n.Origin + "/newsletter/" + secret(n.keys.link, readerID)
}

// The parts of a return path after the plus sign: reader and signature.
const (
	readerBytes    = 16
	signatureBytes = 10
	localLength    = 64 // RFC 5321.
)

var pathCode = base32.StdEncoding.WithPadding(base32.NoPadding)

// returnPath is the envelope's sender of the mails to a reader: it tells whose mail
// came back, and nobody else can make it.
func (n *newsletters) returnPath(readerID string) string {
	local, domain, _ := strings.Cut(n.Mail.From(), "@")
	id, err := hex.DecodeString(strings.ReplaceAll(readerID, "-", ""))
	if err != nil { // Ids are UUIDs.
		return n.Mail.From()
	}
	code := strings.ToLower(pathCode.EncodeToString(append(id, n.keys.bounce.MAC(id)[:signatureBytes]...)))
	if local = local + "+" + code; len(local) > localLength {
		return n.Mail.From()
	}
	return local + "@" + domain
}

// readerOfPath is the reader of a return path; "" for one that this installation did
// not make.
func (n *newsletters) readerOfPath(path string) string {
	local, _, _ := strings.Cut(strings.Trim(path, "<> "), "@")
	_, code, _ := strings.Cut(local, "+")
	raw, err := pathCode.DecodeString(strings.ToUpper(code))
	if err != nil || len(raw) != readerBytes+signatureBytes {
		return ""
	}
	id := raw[:readerBytes]
	if !hmac.Equal(raw[readerBytes:], n.keys.bounce.MAC(id)[:signatureBytes]) {
		return ""
	}
	return uuidText([readerBytes]byte(id))
}

// uuidText writes the bytes of a UUID as text.
func uuidText(id [readerBytes]byte) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// inWard reports whether the caller sees issues before they are sent.
func inWard(ctx context.Context) bool {
	return auth.From(ctx).Has(optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_APPROVER)
}
