package apitest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/internal/testkit/contract"
)

// Reply is a reply that was read whole.
type Reply struct{ contract.Reply }

// Data decodes the success envelope's data into into, and refuses a body that is no success envelope.
func (r Reply) Data(t *testing.T, into any) {
	t.Helper()
	envelope, err := r.Envelope()
	if err != nil || envelope.Error != nil {
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

// Failure reads the failure envelope.
func (r Reply) Failure(t *testing.T) Failed {
	t.Helper()
	envelope, err := r.Envelope()
	if err != nil || envelope.Error == nil {
		t.Fatalf("no failure envelope: %v in %q", err, r.Body)
	}
	return Failed{
		Status: r.Status, Code: envelope.Error.Code, Message: envelope.Error.Message,
		Reason: envelope.Meta.Reason, Violations: envelope.Meta.Violations, Details: envelope.Meta.Details,
	}
}

// Request is a request.
type Request = contract.Request

// Do sends a request over a kept connection. The client checks the reply.
func (a *API) Do(r Request) Reply {
	a.t.Helper()
	got, err := r.Do(a.t.Context(), a.Client, "http://"+a.Address)
	if err != nil {
		a.t.Fatal(err)
	}
	return Reply{got}
}

// Raw writes bytes on a connection of its own and reads one reply.
func (a *API) Raw(bytes string) Reply {
	a.t.Helper()
	conn := a.Dial()
	if _, err := io.WriteString(conn, bytes); err != nil {
		a.t.Fatal(err)
	}
	got := ReadRaw(a.t, conn)
	asked, _ := http.ReadRequest(bufio.NewReader(strings.NewReader(bytes))) // nil if they are none
	if _, err := a.contract.Check(asked, got.Reply); err != nil {
		a.t.Errorf("%v: %.300s", err, got.Body)
	}
	return got
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
	got, err := contract.Read(response)
	if err != nil {
		t.Fatal(err)
	}
	return Reply{got}
}
