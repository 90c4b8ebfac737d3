package contract

import (
	"cmp"
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
)

// Request is a request, a GET if it has no method. Token is sent as a bearer token if it is not empty, and a body as JSON if
// Header has no type for it.
type Request struct {
	Method, Path, Token, Body string
	Header                    http.Header
}

// Do sends the request to the service at url, and reads the reply whole.
func (r Request) Do(ctx context.Context, client *http.Client, url string) (Reply, error) {
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	asked, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodGet), url+r.Path, body)
	if err != nil {
		return Reply{}, err
	}
	if r.Token != "" {
		asked.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if r.Body != "" {
		asked.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(asked.Header, r.Header)
	response, err := client.Do(asked) //nolint:bodyclose // Read closes it
	if err != nil {
		return Reply{}, err
	}
	return Read(response)
}
