package apitest

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Reply is a reply that was read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   string
	// Closes reports whether the server closes the connection after it.
	Closes bool
}

// Data decodes the success envelope's data into into, and refuses a body that is no success envelope.
func (r Reply) Data(t *testing.T, into any) {
	t.Helper()
	var envelope struct {
		Data  jsontext.Value `json:"data"`
		Error any            `json:"error"`
		Meta  any            `json:"meta"`
	}
	if err := json.Unmarshal([]byte(r.Body), &envelope); err != nil || envelope.Error != nil {
		t.Fatalf("no success envelope: %v in %s", err, r.Body)
	}
	if err := json.Unmarshal(envelope.Data, into); err != nil {
		t.Fatal(err)
	}
}

// Failed is a failure envelope, without its correlation id.
type Failed struct {
	Status     int
	Code       string
	Message    string
	Reason     string
	Violations []map[string]string
	// Details are the ids that the failure names.
	Details map[string]string
}

// Failure reads the failure envelope and checks the fields of every failure.
func (r Reply) Failure(t *testing.T) Failed {
	t.Helper()
	var envelope struct {
		Data  any `json:"data"`
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
		Meta struct {
			CorrelationID string              `json:"correlation_id"`
			Reason        string              `json:"reason"`
			Violations    []map[string]string `json:"violations"`
			Details       map[string]string   `json:",embed"`
		} `json:"meta"`
	}
	if err := json.Unmarshal([]byte(r.Body), &envelope, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("no failure envelope: %v in %q", err, r.Body)
	}
	if envelope.Data != nil || !strings.HasPrefix(r.Body, `{"data":null,`) {
		t.Errorf("data is not null in %s", r.Body)
	}
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
	if id := r.Header.Get("X-Correlation-ID"); id == "" || id != envelope.Meta.CorrelationID {
		t.Errorf("the header's correlation id is %q, the envelope's %q", id, envelope.Meta.CorrelationID)
	}
	return Failed{
		Status: r.Status, Code: envelope.Error.Code, Message: envelope.Error.Message,
		Reason: envelope.Meta.Reason, Violations: envelope.Meta.Violations, Details: envelope.Meta.Details,
	}
}

// Request is a request. Token is sent as a bearer token if it is not empty.
type Request struct {
	Method, Path, Token, Body string
	Header                    http.Header
}

// Do sends a request over a kept connection.
func (a *API) Do(r Request) Reply {
	a.t.Helper()
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	asked, err := http.NewRequestWithContext(a.t.Context(), r.Method, "http://"+a.Address+r.Path, body)
	if err != nil {
		a.t.Fatal(err)
	}
	maps.Copy(asked.Header, r.Header)
	if r.Token != "" {
		asked.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if r.Body != "" && asked.Header.Get("Content-Type") == "" {
		asked.Header.Set("Content-Type", "application/json")
	}
	response, err := a.Client.Do(asked) //nolint:bodyclose // Read closes it
	if err != nil {
		a.t.Fatal(err)
	}
	got := Read(a.t, response)
	a.check(asked, got)
	return got
}

// Raw writes bytes on a connection of its own and reads one reply.
func (a *API) Raw(bytes string) Reply {
	a.t.Helper()
	conn := a.Dial()
	if _, err := io.WriteString(conn, bytes); err != nil {
		a.t.Fatal(err)
	}
	got := ReadRaw(a.t, conn)
	if asked, err := http.ReadRequest(bufio.NewReader(strings.NewReader(bytes))); err == nil {
		a.check(asked, got)
	}
	return got
}

// check checks a reply against the document.
func (a *API) check(asked *http.Request, got Reply) {
	a.t.Helper()
	if err := a.Document.Check(asked, got.Status, got.Header, []byte(got.Body)); err != nil {
		a.t.Error(err)
	}
}

// Dial opens a connection that is closed with the test and has a deadline.
func (a *API) Dial() net.Conn {
	a.t.Helper()
	conn, err := net.Dial("tcp", a.Address)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		a.t.Fatal(err)
	}
	return conn
}

// ReadRaw reads one reply from a connection.
func ReadRaw(t *testing.T, conn net.Conn) Reply {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil) //nolint:bodyclose // Read closes it
	if err != nil {
		t.Fatalf("no reply: %v", err)
	}
	return Read(t, response)
}

// Read reads the whole of a response, and closes it.
func Read(t *testing.T, response *http.Response) Reply {
	t.Helper()
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Reply{Status: response.StatusCode, Header: response.Header, Body: string(body), Closes: response.Close}
}
