package main

import (
	"bufio"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core"
)

const freshID = "01a20b42-4b09-78c5-8793-7f98119e0939"

// wire is a reply as it comes.
func wire(status, body string, headers ...string) string {
	lines := append([]string{
		"HTTP/1.1 " + status, "Content-Type: application/json", "X-Correlation-ID: v-1", "Cache-Control: no-store",
		"X-Content-Type-Options: nosniff", "Vary: Origin",
	}, headers...)
	return strings.Join(lines, "\r\n") + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

func TestEveryReplyIsHeldToTheContract(t *testing.T) {
	const good = `{"data":{"a":1},"error":null}`
	const missing = `{"data":null,"error":{"code":"AUTHENTICATION_ERROR","message":"m"},"meta":{"correlation_id":"v-1","reason":"token_missing"}}`
	const bare = `WWW-Authenticate: Bearer realm="journey-api"`
	const busy = `{"data":null,"error":{"code":"SERVICE_UNAVAILABLE","message":"m"},"meta":{"correlation_id":"v-1","reason":"overloaded"}}`
	ordinary := request{id: "v-1", method: "GET", route: "/api/me"}
	tests := map[string]struct {
		asked request
		reply string
		wrong string
	}{
		"a success":                       {ordinary, wire("200 OK", good), ""},
		"another correlation id":          {request{id: "v-2", method: "GET"}, wire("200 OK", good), "correlation id"},
		"no fresh id for what is no HTTP": {request{method: "GET"}, wire("200 OK", good), "no fresh one"},
		"a member twice":                  {ordinary, wire("200 OK", `{"data":{"a":1,"a":2},"error":null}`), "not the envelope"},
		"a member too many":               {ordinary, wire("200 OK", `{"data":{},"error":null,"debug":1}`), "not the envelope"},
		"a success with null data":        {ordinary, wire("200 OK", `{"data":null,"error":null}`), "a success has data"},
		"a success with meta":             {ordinary, wire("200 OK", `{"data":{},"error":null,"meta":{"correlation_id":"v-1"}}`), "no meta"},
		"two values":                      {ordinary, wire("200 OK", good+good), "not the envelope"},
		"plain text":                      {ordinary, strings.Replace(wire("200 OK", good), "application/json", "text/plain", 1), "not JSON"},
		"it names its server":             {ordinary, wire("200 OK", good, "Server: fasthttp"), "server"},
		"it may be stored":                {ordinary, strings.Replace(wire("200 OK", good), "no-store", "private", 1), "stored"},
		"it may be sniffed":               {ordinary, strings.Replace(wire("200 OK", good), "nosniff", "sniff", 1), "sniffed"},
		"it closes a good connection":     {ordinary, wire("200 OK", good, "Connection: close"), "closes"},
		"it keeps a bad one":              {request{id: "v-1", method: "GET", closes: true}, wire("200 OK", good), "closes"},
		"it lets another origin read":     {request{id: "v-1", method: "GET", origin: badOrigin}, wire("200 OK", good, "Access-Control-Allow-Origin: "+badOrigin), "Allow-Origin"},
		"it lets no page read":            {request{id: "v-1", method: "GET", origin: goodOrigin}, wire("200 OK", good), "Allow-Origin"},
		"a refusal":                       {ordinary, wire("401 Unauthorized", missing, bare), ""},
		"a refusal without a challenge":   {ordinary, wire("401 Unauthorized", missing), "challenge"},
		"a refusal of what never came":    {ordinary, wire("401 Unauthorized", missing, bare+`, error="invalid_token"`), "challenge"},
		"a refusal without a reason":      {ordinary, wire("401 Unauthorized", strings.Replace(missing, `,"reason":"token_missing"`, "", 1), bare), "reason"},
		"another id in meta":              {ordinary, wire("401 Unauthorized", strings.Replace(missing, `"v-1"`, `"v-2"`, 1), bare), "another correlation id"},
		"turned away":                     {ordinary, wire("503 Service Unavailable", busy, "Retry-After: 1"), ""},
		"turned away for ever":            {ordinary, wire("503 Service Unavailable", busy), "Retry-After"},
		"turned away for no time":         {ordinary, wire("503 Service Unavailable", busy, "Retry-After: 0"), "Retry-After"},
		"a fresh id for what is no HTTP":  {request{method: "GET"}, strings.Replace(wire("200 OK", good), "v-1", freshID, 1), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := read(bufio.NewReader(strings.NewReader(tt.reply)), &tt.asked)
			if err != nil {
				t.Fatal(err)
			}
			wantComplaint(t, got.check(&tt.asked, false), tt.wrong)
		})
	}
}

func TestACallerIsTheOneWhoseTokenWasSent(t *testing.T) {
	people := newPeople("secret-of-the-soak-0123456789abcdefghijk")
	me, other := people[2], people[7]
	data := func(p *person, exp string) string {
		return `{"sub":"` + p.subject + `","email":"` + p.email + `","role":"` + string(p.role) + `","institution_id":"` + p.institution +
			`","is_course_director":` + map[bool]string{true: "true", false: "false"}[p.director] + `,"aud":"authenticated","exp":` + exp + `,"iat":1000}`
	}
	limits := header{"Ratelimit": {`"user";r=5;t=1`}}
	tests := map[string]struct {
		reply reply
		wrong string
	}{
		"the person":          {reply{status: 200, header: limits, data: []byte(data(me, "11800"))}, ""},
		"somebody else":       {reply{status: 200, header: limits, data: []byte(data(other, "11800"))}, "another caller"},
		"another end":         {reply{status: 200, header: limits, data: []byte(data(me, "11801"))}, "another caller"},
		"without a budget":    {reply{status: 200, data: []byte(data(me, "11800"))}, "RateLimit"},
		"a member too many":   {reply{status: 200, header: limits, data: []byte(`{"sub":"x","token":"y"}`)}, "no caller"},
		"refused":             {reply{status: 401, failure: failure{core.CodeAuthentication, core.ReasonTokenExpired}}, "a good token gets 200"},
		"limited, and is not": {reply{status: 429, failure: failure{codeRateLimited, ""}}, "a good token gets 200"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { wantComplaint(t, me.isMe(&tt.reply), tt.wrong) })
	}
	if complaint := me.isServedOrLimited(&reply{status: 429, failure: failure{codeRateLimited, ""}}); complaint != "" || me.letIn.Load() != 0 {
		t.Errorf("who asks too often may be limited: %q", complaint)
	}
}

func TestEveryKindOfRequestIsOneThatNetHTTPReads(t *testing.T) {
	c := &climate{neo4j: newWeather("neo4j", nil), supabase: newWeather("supabase", nil)}
	people := newTown("secret-of-the-soak-0123456789abcdefghijk", newKeyring(peopleCount+1), c)
	kinds := append(mix(), kind{"a newcomer", 1, (*town).newcomer})
	for number, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			if k.share < 1 {
				t.Errorf("it never comes")
			}
			for round := range 20 {
				asked := k.draft(people, newDice(uint64(round), number)).build("v-1")
				got, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(asked.bytes))))
				if err != nil || got.Header.Get("X-Correlation-ID") != "v-1" || asked.judge == nil {
					t.Fatalf("%v: %s", err, asked.bytes)
				}
			}
		})
	}
}

func TestKindsComeByTheirShare(t *testing.T) {
	kinds := []kind{{name: "rare", share: 1}, {name: "never"}, {name: "often", share: 9}}
	came, dice := map[string]int{}, rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		came[pick(kinds, dice).name]++
	}
	if came["never"] != 0 || came["rare"] < 800 || came["rare"] > 1200 {
		t.Errorf("%v", came)
	}
}
