package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// hostileJSON are values that stand where any value may stand in a body.
var hostileJSON = []string{
	`null`, `true`, `-1`, `0`, `2147483648`, `99999999999999999999`, `1e400`, `-0.5`, `"9223372036854775808"`, `""`, `[]`, `{}`, `[[]]`, `{"a":{}}`, `[null]`,
	`"a"`, `"NaN"`, `"'; DROP TABLE proposal; --"`, `"%_\\%"`, `"${jndi:ldap://x}"`, `"../../etc/passwd"`, `"<script>alert(1)</script>"`,
	`"\u0000"`, `"\u001b[2J"`, `"\u202e"`, `"\ud800"`, `"\ud83d\ude00"`, `"9999-99-99"`, `"0000-00-00"`, `"2026-02-30"`, `"` + invented + `"`,
	`"` + strings.Repeat("長", 20_000) + `"`, `[` + strings.Repeat(`"x",`, 2000) + `"x"]`, strings.Repeat("[", 60) + strings.Repeat("]", 60),
}

// hostileText are values that stand in an address.
var hostileText = []string{
	"", "null", "-1", "2147483648", "99999999999999999999", "1e400", "true", "'; DROP TABLE proposal; --", "%_\\", "../../etc/passwd", "..%2f..",
	"<script>", "\x00", "\x1b[2J", "\xff\xfe", "\u202e", "😀", "大", "NaN", "9999-99-99", "2026-02-30", invented, strings.Repeat("長", 1000), ":", "*", "a.b.c", "updateTime desc; SELECT 1",
}

// shot is one hostile request.
type shot struct {
	rpc, as, method, path, body string
}

// TestHostileInput puts everything wrong everywhere: into each variable of each
// path, each parameter and each field of each body. No answer is a 5xx, and
// each refusal is a whole problem document.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	w := start(t)[0]
	c := w.over(t, restTransport{w})
	h := c.target()
	shots := make(chan shot)
	var shooters sync.WaitGroup
	for range 6 {
		shooters.Go(func() {
			for s := range shots {
				c.fire(s)
			}
		})
	}
	n := 0
	for _, r := range rights(t) {
		for _, s := range h.shots(r) {
			shots <- s
			n++
		}
	}
	for _, path := range []string{"/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/problems/", "/v1/domainEvents:watch", "/dev/oidc/", "/v1/proposals/" + h.proposal + "/attachments"} {
		for _, text := range hostileText {
			shots <- shot{"", "desk", http.MethodGet, path + "/" + url.PathEscape(text), ""}
			shots <- shot{"", "desk", http.MethodGet, path + "?x=" + url.QueryEscape(text), ""}
			shots <- shot{"", "desk", http.MethodPost, path, text}
		}
	}
	close(shots)
	shooters.Wait()
	t.Logf("%d requests", n)
	if strings.Contains(w.log(), "panic") {
		t.Error("the log tells of a panic")
	}
}

// target are things that are there, so that hostile input gets past the look-up.
type target struct {
	*client
	proposal, organization, callID, department string
}

// idleDepartment is a department of the sample data in which nobody of the
// stories works: what is taken of the hostile requests may change its name.
const idleDepartment = "01900000-0000-7000-8000-0000000d0020"

func (c *client) target() *target {
	c.t.Helper()
	p := c.draft(c.publishedCall(nil), "狙われる提案")
	onBehalf := c.ok("desk", "CreateProposal", obj{
		"callId": p.call.str("id"), "organizationId": p.organization, "content": content(p.call, "窓口で代行した提案"), "channel": "DESK", "paperNote": "受付簿 1",
	})
	return &target{c, onBehalf.str("proposal.id"), p.organization, p.call.str("id"), idleDepartment}
}

// id returns what an RPC of a service is about.
func (h *target) id(service string) string {
	switch service {
	case "OrganizationService", "MemberService":
		return h.organization
	case "DepartmentService":
		return h.department
	case "CallService", "StatisticsService":
		return h.callID
	default:
		return h.proposal
	}
}

// shots are the hostile requests to one RPC, by somebody who may call it.
func (h *target) shots(r right) []shot {
	m := methods[r.rpc]
	if !routed(m) || len(r.admitted) == 0 {
		return nil
	}
	rule, _ := proto.GetExtension(m.Descriptor.Options(), annotations.E_Http).(*annotations.HttpRule)
	method, pattern := verbAndPath(rule)
	s := shot{as: shooter(r), method: method}
	id := h.id(r.service)
	path := pathVariable.ReplaceAllString(pattern, id)
	fields, bodyName := m.Descriptor.Input(), rule.GetBody()
	req := specimen(h.t, fields, id)
	body := ""
	if bodyName != "" {
		body = bodyOf(h.t, req, pattern, bodyName)
	}
	var out []shot
	for _, v := range pathVariable.FindAllString(pattern, -1) {
		for _, text := range hostileText {
			out = append(out, shot{r.rpc, s.as, method, pathVariable.ReplaceAllString(strings.Replace(pattern, v, url.PathEscape(text), 1), id), body})
		}
	}
	for _, name := range parameters(fields, pattern, bodyName) {
		for _, text := range hostileText {
			out = append(out, shot{r.rpc, s.as, method, path + "?" + name + "=" + url.QueryEscape(text), body})
		}
	}
	if bodyName == "" {
		return out
	}
	mask := ""
	if bodyName != "*" && method == http.MethodPatch {
		mask = "?updateMask=" + strings.Join(topLevel(fields.Fields().ByName(protoreflect.Name(bodyName)).Message()), ",")
	}
	for _, raw := range append(hostileJSON, "", "{", "\xff", `{}{}`, `{"a":1,"a":2}`) {
		out = append(out, shot{r.rpc, s.as, method, path, raw})
	}
	for _, hostile := range hostileBodies(bodyDescriptor(fields, bodyName), body) {
		out = append(out, shot{r.rpc, s.as, method, path + mask, hostile})
	}
	return out
}

// shooter is a person whom the table admits, the desk before others.
func shooter(r right) string {
	for _, name := range []string{"DESK", "WS", "PA", "APPR", "SYS", "AUD", "RES", "PUB"} {
		i := columnOf(name)
		if r.admitted[i] {
			return columns[i].person
		}
	}
	return ""
}

func bodyDescriptor(input protoreflect.MessageDescriptor, body string) protoreflect.MessageDescriptor {
	if body == "*" {
		return input
	}
	return input.Fields().ByName(protoreflect.Name(body)).Message()
}

// bodyOf writes the part of a request that goes into the body.
func bodyOf(t testing.TB, req proto.Message, pattern, body string) string {
	t.Helper()
	m := req.ProtoReflect()
	if body != "*" {
		m = m.Get(m.Descriptor().Fields().ByName(protoreflect.Name(body))).Message()
	} else {
		for _, v := range pathVariable.FindAllStringSubmatch(pattern, -1) {
			m.Clear(m.Descriptor().Fields().ByName(protoreflect.Name(v[1])))
		}
	}
	raw, err := protojson.Marshal(m.Interface())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// parameters are what may stand in the query.
func parameters(input protoreflect.MessageDescriptor, pattern, body string) []string {
	if body == "*" {
		return nil
	}
	var out []string
	for i := range input.Fields().Len() {
		fd := input.Fields().Get(i)
		if string(fd.Name()) != body && !strings.Contains(pattern, "{"+string(fd.Name())+"}") {
			out = append(out, fd.JSONName())
		}
	}
	return out
}

func topLevel(md protoreflect.MessageDescriptor) []string {
	var out []string
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		if fd.Name() == "content" {
			for j := range fd.Message().Fields().Len() {
				out = append(out, "content."+fd.Message().Fields().Get(j).JSONName())
			}
		} else if fd.Name() != "etag" {
			out = append(out, fd.JSONName())
		}
	}
	return out
}

// thin leaves of the values for the fields of a field every fourth; over all
// fields each value has its turn.
const thin = 4

// hostileBodies put the values into each field, two levels deep.
func hostileBodies(md protoreflect.MessageDescriptor, valid string) []string {
	var out []string
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		for _, raw := range hostileJSON {
			out = append(out, withField(valid, fd.JSONName(), raw))
		}
		if fd.Message() == nil || fd.IsMap() {
			continue
		}
		for j := range fd.Message().Fields().Len() {
			for k := j % thin; k < len(hostileJSON); k += thin {
				raw := hostileJSON[k]
				inner := fmt.Sprintf(`{%q:%s}`, fd.Message().Fields().Get(j).JSONName(), raw)
				if fd.IsList() {
					inner = "[" + inner + "]"
				}
				out = append(out, withField(valid, fd.JSONName(), inner))
			}
		}
	}
	return out
}

// withField sets a field of a JSON object to raw text.
func withField(object, name, raw string) string {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &fields); err != nil {
		panic(err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `{%q:%s`, name, raw)
	for k, v := range fields {
		if k != name {
			fmt.Fprintf(&out, `,%q:%s`, k, v)
		}
	}
	out.WriteByte('}')
	return out.String()
}

// lists checks once for each reason of an RPC that its comment lists it.
func (c *client) lists(s shot, reason string) {
	if _, seen := hostileReasons.LoadOrStore(s.rpc+" "+reason, true); !seen {
		listed(c.t, s.rpc, reason)
	}
}

var hostileReasons sync.Map

// fire sends a request and looks at the answer's form.
func (c *client) fire(s shot) {
	req, err := http.NewRequestWithContext(c.t.Context(), s.method, c.world.origin+s.path, strings.NewReader(s.body))
	if err != nil {
		return // No such request can be written.
	}
	req.Header.Set("Kyodo-Reason", "acceptance")
	req.Header.Set("If-Match", "*")
	if s.body != "" {
		req.Header.Set("Content-Type", jsonType)
	}
	if token := c.world.token(c.t, s.as); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Errorf("%s %.200s %.200s: %v", s.method, s.path, s.body, err)
		return
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		c.t.Errorf("%s %.200s %.200s: %v", s.method, s.path, s.body, err)
	}
	switch {
	case resp.StatusCode >= 500:
		c.t.Errorf("as %q %s %.200s %.200s: %d %s", s.as, s.method, s.path, s.body, resp.StatusCode, raw)
	case resp.StatusCode >= 400 && strings.HasPrefix(s.path, "/v1/"):
		if err := wholeProblem(resp, raw); err != nil {
			c.t.Errorf("as %q %s %.200s %.200s: %v", s.as, s.method, s.path, s.body, err)
			return
		}
		var p problem
		if err := json.Unmarshal(raw, &p); err == nil && s.rpc != "" && strings.HasPrefix(s.path, "/v1/") {
			c.lists(s, p.Reason)
		}
	}
}
