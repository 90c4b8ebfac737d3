package keyring

import (
	"net/http"
	"testing"
)

func TestTheDefaultTransportUsesNoProxyAndKeepsNoConnection(t *testing.T) {
	transport, ok := newEndpoint(Config{}).client.Transport.(*http.Transport)
	if !ok || transport.Proxy != nil || !transport.DisableKeepAlives {
		t.Errorf("transport: %+v", transport)
	}
}
