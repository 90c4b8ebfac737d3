package jwtauth

import (
	"net/http"
	"testing"
)

func TestTheDefaultTransportUsesNoProxyAndKeepsNoConnection(t *testing.T) {
	transport, ok := newKeyEndpoint(Config{}).client.Transport.(*http.Transport)
	if !ok || transport.Proxy != nil || !transport.DisableKeepAlives {
		t.Errorf("transport: %+v", transport)
	}
}
