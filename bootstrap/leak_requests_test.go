package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// witnessID is the correlation id of every request that can be read: it stands in its reply and in its log line.
const witnessID = "witness-of-the-search"

// callEverything asks every route in every way and returns what came back.
func callEverything(t *testing.T, address string, s *secrets) []surface {
	t.Helper()
	var caught []surface
	described := loadDocument(t)
	ask := func(name, wire, witness string) {
		reply := askRaw(t, address, wire)
		caught = append(caught, surface{name, reply, witness})
		wantDocumented(t, described, wire, reply)
	}
	for _, path := range pathsOf(t, address) {
		if strings.HasPrefix(path, "/docs") || strings.HasPrefix(path, "/openapi") {
			ask(path, s.wire("GET", path, "Bearer "+s.tokens["a superadmin"], ""), witnessID)
			continue
		}
		for name, authorization := range s.authorizations() {
			wire := s.wire("GET", path, authorization, "")
			reply := askRaw(t, address, wire)
			wantDocumented(t, described, wire, reply)
			if path == "/api/me" && strings.HasPrefix(reply, "HTTP/1.1 200") {
				reply = strings.ReplaceAll(reply, s.email, "") // they are told who they are
			}
			caught = append(caught, surface{path + " with " + name, reply, witnessID})
		}
		for _, method := range []string{"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PLANT"} {
			ask(method+" "+path, s.wire(method, path, "Bearer "+s.tokens["a student"], s.body()), witnessID)
		}
	}
	for name, wire := range s.hostileWires() {
		ask(name, wire, "HTTP/1.1 4")
	}
	return caught
}

// wantDocumented holds a reply against the document, if a client of Go's can read the request.
func wantDocumented(t *testing.T, described document.Document, wire, reply string) {
	t.Helper()
	asked, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire)))
	if err != nil {
		return
	}
	got, err := http.ReadResponse(bufio.NewReader(strings.NewReader(reply)), asked)
	if err != nil {
		t.Errorf("%.80q is answered with what is no HTTP: %v", wire, err)
		return
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err == nil {
		err = described.Check(asked, got.StatusCode, got.Header, body)
	}
	if err != nil {
		t.Error(err)
	}
}

// watchDiagnostics reads the diagnostics while the dependencies fail in one way after another.
func watchDiagnostics(t *testing.T, address string, s *secrets, around *surroundings) []surface {
	t.Helper()
	around.watch()
	said := map[string]surface{}
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for deadline := time.Now().Add(time.Minute); !around.isDone(); <-pause.C {
		if time.Now().After(deadline) {
			t.Error("the dependencies were not asked often enough to do all that they can")
			break
		}
		for path, witness := range map[string]string{"/api/diagnostics": `"cause"`, "/health": `"dependencies"`} {
			reply := askRaw(t, address, s.wire("GET", path, "Bearer "+s.tokens["a superadmin"], ""))
			_, body, _ := strings.Cut(reply, "\r\n\r\n")
			state := path + dependenciesOf(body)
			if strings.Contains(reply, witness) { // in between they are well, and there is no cause
				said[state] = surface{path, reply, witness}
			}
		}
	}
	if len(said) < 4 {
		t.Errorf("the dependencies were seen in %d states", len(said))
	}
	return slices.Collect(maps.Values(said))
}

// dependenciesOf is the part of a reply that tells of the dependencies, without times.
func dependenciesOf(body string) string {
	var envelope struct {
		Data struct {
			Dependencies map[string]map[string]any `json:"dependencies"`
		} `json:"data"`
	}
	_ = json.Unmarshal([]byte(body), &envelope)
	for _, dependency := range envelope.Data.Dependencies {
		delete(dependency, "latency_ms")
	}
	state, _ := json.Marshal(envelope.Data.Dependencies)
	return string(state)
}

// authorizations are the Authorization headers that callers send; "" is none.
func (s *secrets) authorizations() map[string]string {
	sent := map[string]string{
		"none": "", "a password": "Basic " + base64.StdEncoding.EncodeToString([]byte(s.email+":"+s.password)),
		"a token without a scheme": s.tokens["a student"], "a token under another scheme": "Token " + s.tokens["a student"],
		"two tokens": "Bearer " + s.tokens["a student"] + "\r\nAuthorization: Bearer " + s.tokens["a superadmin"],
	}
	for name, token := range s.tokens {
		sent["the token of "+name] = "Bearer " + token
	}
	for name, token := range s.bad {
		sent["what is sent as a token, "+name] = "Bearer " + token
	}
	return sent
}

// wire is a request with secrets wherever people put them: the query, a cookie, and headers that nobody asked for.
func (s *secrets) wire(method, path, authorization, body string) string {
	query := url.Values{"password": {s.password}, "email": {s.email}, "access_token": {s.tokens["a student"]}}.Encode()
	text := method + " " + path + "?" + query + "\r\nHost: x\r\nConnection: close\r\nX-Correlation-ID: " + witnessID + s.headers()
	text = strings.Replace(text, query+"\r\n", query+" HTTP/1.1\r\n", 1)
	if authorization != "" {
		text += "Authorization: " + authorization + "\r\n"
	}
	if body != "" {
		text += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return text + "\r\n" + body
}

func (s *secrets) headers() string {
	return "\r\nCookie: session=" + s.tokens["a student"] + "\r\nX-Api-Key: " + s.password + "\r\nReferer: http://x/?p=" + s.password +
		"\r\nUser-Agent: " + s.password + "\r\nX-Forwarded-For: " + s.password + ", 1.2.3.4\r\nOrigin: http://" + s.password +
		"\r\nAccess-Control-Request-Method: " + s.password + "\r\nAccept: " + s.password + "\r\n"
}

func (s *secrets) body() string {
	text, _ := json.Marshal(map[string]string{"email": s.email, "password": s.password, "token": s.tokens["a student"]})
	return string(text)
}

// hostileWires are requests that are refused for what they are, by one who holds a good token.
func (s *secrets) hostileWires() map[string]string {
	signed := "Authorization: Bearer " + s.tokens["a student"] + "\r\n"
	head := "GET /api/me HTTP/1.1\r\nHost: x\r\n" + signed
	return map[string]string{
		"headers too large":      head + "X-Password: " + strings.Repeat(s.password, 400) + "\r\n\r\n",
		"a target too large":     "GET /api/me?p=" + strings.Repeat(url.QueryEscape(s.password), 400) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"a body too large":       "POST /api/me HTTP/1.1\r\nHost: x\r\n" + signed + "Content-Length: 90000\r\n\r\n" + strings.Repeat(s.password, 90000/len(s.password)+1)[:90000],
		"a chunked one":          "POST /api/me HTTP/1.1\r\nHost: x\r\n" + signed + "Transfer-Encoding: chunked\r\n\r\n" + "2000\r\n" + strings.Repeat(s.password, 200)[:8192] + "\r\n0\r\n\r\n",
		"a chunk's size":         "POST /api/me HTTP/1.1\r\nHost: x\r\n" + signed + "Transfer-Encoding: chunked\r\n\r\n" + s.password + "\r\n",
		"a body cut off":         "POST /api/me HTTP/1.1\r\nHost: x\r\n" + signed + "Content-Length: 900\r\n\r\n" + s.password,
		"a head cut off":         head,
		"a name without a value": head + s.password + "\r\n\r\n",
		"a name with a space":    head + "X y" + s.password + ": 1\r\n\r\n",
		"a line without a name":  head + " " + s.password + "\r\n\r\n",
		"no version":             "GET /api/me?p=" + url.QueryEscape(s.password) + "\r\nHost: x\r\n" + signed + "\r\n",
		"another version":        "GET /api/me HTTP/" + s.password + "\r\nHost: x\r\n" + signed + "\r\n",
		"a secret as the method": s.password + " /api/me HTTP/1.1\r\nHost: x\r\n" + signed + "\r\n",
		"no HTTP at all":         s.password + "\r\n\r\n",
		"a secret as the target": "GET " + s.password + " HTTP/1.1\r\nHost: x\r\n" + signed + "\r\n",
		"a secret as the length": head + "Content-Length: " + s.password + "\r\n\r\n",
		"a length twice":         head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + s.password,
		"two hosts":              head + "Host: " + s.password + "\r\n\r\n",
		"a compressed body":      "GET /api/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + signed + "Content-Encoding: " + s.password + "\r\nContent-Length: 0\r\n\r\n",
		"a bad correlation id":   "GET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + signed + "X-Correlation-ID: " + s.password + "\r\n\r\n",
		"a coding that none has": head + "Transfer-Encoding: " + s.password + "\r\n\r\n",
		"a TLS greeting":         "\x16\x03\x01" + s.password + "\r\n\r\n",
	}
}

// askRaw writes bytes on a connection of their own and reads until the service closes it.
func askRaw(t *testing.T, address, wire string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(wait.Limit)); err != nil {
		t.Fatal(err)
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = io.WriteString(conn, wire) // it may be refused before its end
	}()
	reply, err := io.ReadAll(conn)
	_ = conn.Close()
	<-sent
	if err != nil && len(reply) == 0 {
		t.Errorf("no reply to %.80q: %v", wire, err)
	}
	return string(reply)
}

// pathsOf are the routes by the service's own document.
func pathsOf(t *testing.T, address string) []string {
	t.Helper()
	reply := askRaw(t, address, "GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	var document struct{ Paths map[string]any }
	_, body, _ := strings.Cut(reply, "\r\n\r\n")
	if err := json.Unmarshal([]byte(body), &document); err != nil || len(document.Paths) < 8 {
		t.Fatalf("no document: %v in %.200s", err, reply)
	}
	paths := slices.Sorted(maps.Keys(document.Paths))
	for i, path := range paths {
		paths[i] = strings.ReplaceAll(path, "{asset}", "swagger-ui.css")
	}
	return append(paths, "/nope", "/api/nope")
}

// dump is a whole reply as text.
func dump(t *testing.T, reply *http.Response) string {
	t.Helper()
	defer func() { _ = reply.Body.Close() }()
	text, err := httputil.DumpResponse(reply, true)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
