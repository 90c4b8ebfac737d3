package keyring

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/journey-os/journey-api/ports/netfault"
)

const (
	maxKeySetBytes    = 256 << 10
	maxKeyHeaderBytes = 64 << 10
)

// Fault is the word for why the last fetch of the keys failed; "" if it did not. The set is closed: these, the
// words of netfault.Of, and "Status " with the number of any other answer that is not 200.
type Fault string

// The faults of an answer. A redirect is never followed: whoever can redirect could replace the keys. 401 and 403 do
// not come from Supabase Auth, which publishes its keys to everyone, but from a gateway in front of it that wants an
// API key.
const (
	FaultGateway     Fault = "Refused by the gateway"
	FaultRedirected  Fault = "Redirected"
	FaultTooLarge    Fault = "Larger than 256 KiB"
	FaultCutShort    Fault = "Cut short"
	FaultNotJSON     Fault = "Not JSON"
	FaultNotAKeySet  Fault = "Not a JWK Set"
	FaultNoKeys      Fault = "No keys"
	FaultNoUsableKey Fault = "No usable key"
)

// endpoint is the project's JWKS.
type endpoint struct {
	url    string
	client http.Client
}

// answer is what the endpoint published, as far as it is used; its fault is "" for a document of the right form, even
// one without keys.
type answer struct {
	keys    []*Key
	ignored []IgnoredKey
	fault   Fault
}

func newEndpoint(config Config) *endpoint {
	transport := config.Transport
	if transport == nil {
		// Fetches are minutes apart: a connection kept between them would be dead by then.
		transport = &http.Transport{
			DisableKeepAlives: true, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxKeyHeaderBytes,
		}
	}
	return &endpoint{url: config.URL, client: http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// fetch sends one request. It contains nothing that identifies this service, and no API key: the keys are public.
func (e *endpoint) fetch(ctx context.Context) answer {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, http.NoBody)
	if err != nil {
		return answer{fault: networkFault(err)}
	}
	request.Header.Set("Accept", "application/json, application/jwk-set+json")
	request.Header.Set("User-Agent", "journey-api")
	response, err := e.client.Do(request)
	if err != nil {
		return answer{fault: networkFault(err)}
	}
	defer func() { _ = response.Body.Close() }()
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		return answer{fault: FaultRedirected}
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return answer{fault: FaultGateway}
	case status != http.StatusOK:
		return answer{fault: Fault("Status " + strconv.Itoa(status))}
	}
	document, err := io.ReadAll(io.LimitReader(response.Body, maxKeySetBytes+1))
	switch {
	case err != nil:
		return answer{fault: networkFault(err)}
	case len(document) > maxKeySetBytes:
		return answer{fault: FaultTooLarge}
	}
	keys, ignored, fault := parseKeySet(document)
	return answer{keys: keys, ignored: ignored, fault: fault}
}

func networkFault(err error) Fault {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return FaultCutShort
	}
	return Fault(netfault.Of(err))
}
