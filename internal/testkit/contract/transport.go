package contract

import (
	"io"
	"net/http"
	"strings"
)

// Transport checks every reply of Host that comes through it, and calls Fault with what is wrong.
type Transport struct {
	http.RoundTripper
	Host     string
	Contract Contract
	Fault    func(error)
}

// RoundTrip reads the reply to its end.
func (t Transport) RoundTrip(asked *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(asked)
	if err != nil || asked.URL.Host != t.Host {
		return response, err
	}
	got, err := Read(response)
	if err != nil {
		return nil, err
	}
	if _, err := t.Contract.Check(asked, got); err != nil {
		t.Fault(err)
	}
	response.Body = io.NopCloser(strings.NewReader(got.Body))
	return response, nil
}
