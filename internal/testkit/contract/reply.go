package contract

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

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

// Read reads the whole of a response, and closes it.
func Read(response *http.Response) (Reply, error) {
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return Reply{Status: response.StatusCode, Header: response.Header, Body: string(body), Closes: response.Close}, err
}

// Envelope is the form of all replies but pages, files and the OpenAPI document.
type Envelope struct {
	Data  jsontext.Value `json:"data"`
	Error *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Meta struct {
		CorrelationID string              `json:"correlation_id"`
		Reason        string              `json:"reason"`
		Violations    []map[string]string `json:"violations"`
		Replayed      bool                `json:"replayed"`
		// Details are the ids that a failure names.
		Details map[string]string `json:",embed"`
	} `json:"meta"`
}

// Envelope reads the envelope, and refuses a body that is none.
func (r Reply) Envelope() (Envelope, error) {
	var e Envelope
	err := json.Unmarshal([]byte(r.Body), &e, json.RejectUnknownMembers(true))
	isFailure := strings.HasPrefix(r.Body, `{"data":null,`)
	if contentType := r.Header.Get("Content-Type"); err == nil && contentType != "application/json" {
		err = fmt.Errorf("the Content-Type is %q", contentType)
	} else if err == nil && isFailure == (e.Error == nil) {
		err = errors.New("it has neither data nor an error, or both")
	}
	return e, err
}

// Outcome is the status, with the code and the reason of a failure: "401 AUTHENTICATION_ERROR token_missing".
func (r Reply) Outcome(e Envelope) string {
	if e.Error == nil {
		return strconv.Itoa(r.Status)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Status, e.Error.Code, e.Meta.Reason))
}

// isEnveloped reports whether a reply has to have the envelope.
func (r Reply) isEnveloped(asked *http.Request) bool {
	hasJSON := r.Header.Get("Content-Type") == "application/json" && asked.URL.Path != "/openapi.json"
	return asked.Method != http.MethodHead && (hasJSON || r.Status >= http.StatusBadRequest)
}
