package netfault_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/netfault"
)

var errNil *core.HealthError

func TestNetworkFaultOfErrorsMadeByHand(t *testing.T) {
	dial := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	tests := map[string]struct {
		err  error
		want core.Fault
	}{
		"no error":                          {nil, ""},
		"a health error keeps its word":     {core.NewHealthError(core.FaultCredentialsRejected, context.DeadlineExceeded), "Credentials rejected"},
		"a wrapped health error does too":   {fmt.Errorf("x: %w", core.NewHealthError(core.FaultServerError, nil)), "Server error"},
		"a word outside the set is none":    {core.NewHealthError("10.0.0.1 is down", nil), "Unreachable"},
		"a nil *HealthError as an error":    {errNil, "Unreachable"},
		"refused":                           {dial(syscall.ECONNREFUSED), "Connection refused"},
		"refused in a url.Error":            {&url.Error{Op: "Get", URL: "http://x", Err: dial(syscall.ECONNREFUSED)}, "Connection refused"},
		"refused, wrapped twice":            {fmt.Errorf("a: %w", fmt.Errorf("b: %w", dial(syscall.ECONNREFUSED))), "Connection refused"},
		"refused, joined":                   {errors.Join(io.EOF, dial(syscall.ECONNREFUSED)), "Connection refused"},
		"no such host":                      {&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, "Host not found"},
		"no such host in a dial":            {&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, "Host not found"},
		"a resolver that does not answer":   {&net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}, "Timed out"},
		"a resolver that fails":             {&net.DNSError{Err: "server misbehaving", Name: "x", IsTemporary: true}, "Unreachable"},
		"the context's deadline":            {context.DeadlineExceeded, "Timed out"},
		"the context's deadline, wrapped":   {&url.Error{Op: "Get", URL: "http://x", Err: fmt.Errorf("do: %w", context.DeadlineExceeded)}, "Timed out"},
		"a connection's deadline":           {&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, "Timed out"},
		"the system's connect timeout":      {dial(syscall.ETIMEDOUT), "Timed out"},
		"a cancelled context":               {context.Canceled, "Unreachable"},
		"no route":                          {dial(syscall.EHOSTUNREACH), "Unreachable"},
		"a reset":                           {&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, "Unreachable"},
		"a closed connection":               {io.EOF, "Unreachable"},
		"any other error":                   {errors.New("something"), "Unreachable"},
		"a certificate that did not verify": {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "TLS failed"},
		"an unknown authority":              {fmt.Errorf("tls: %w", x509.UnknownAuthorityError{}), "TLS failed"},
		"a certificate of another host":     {x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}, "TLS failed"},
		"an expired certificate":            {x509.CertificateInvalidError{Reason: x509.Expired}, "TLS failed"},
		"a record that is not TLS":          {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "TLS failed"},
		"a TLS failure beside a deadline":   {errors.Join(context.DeadlineExceeded, x509.UnknownAuthorityError{}), "TLS failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := netfault.Of(test.err); got != test.want {
				t.Errorf("NetworkFault(%v) = %q, want %q", test.err, got, test.want)
			}
		})
	}
}

// The errors that the standard library's clients really return, so that a change in it is seen.
func TestNetworkFaultOfErrorsFromRealConnections(t *testing.T) {
	tests := map[string]struct {
		fail func(t *testing.T) error
		want core.Fault
	}{
		"dialling a closed port":             {dialClosedPort, "Connection refused"},
		"asking over HTTP at a closed port":  {getFromClosedPort, "Connection refused"},
		"a name that cannot exist":           {lookUpNoName, "Host not found"},
		"a peer that never answers":          {getFromSilentPeer, "Timed out"},
		"a read deadline":                    {readPastDeadline, "Timed out"},
		"a certificate of nobody known":      {getWithoutAuthority, "TLS failed"},
		"a certificate of another name":      {getUnderAnotherName, "TLS failed"},
		"a server that refuses our versions": {handshakeWithoutCommonVersion, "TLS failed"},
		"a server that wants a certificate":  {getWithoutClientCertificate, "TLS failed"},
		"HTTPS to a server of plain HTTP":    {getTLSFromPlainHTTP, "TLS failed"},
		"TLS to a server that speaks no TLS": {handshakeWithPlainHTTP, "TLS failed"},
		"HTTP to a server of something else": {getSaying("220 mail.example.org ESMTP\r\n"), "Server error"},
		"a peer that hangs up":               {getSaying(""), "Unreachable"},
		"a reply that ends in its headers":   {getSaying("HTTP/1.1 200 OK\r\nContent-Le"), "Unreachable"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.fail(t)
			if err == nil {
				t.Fatal("it did not fail")
			}
			if got := netfault.Of(err); got != test.want {
				t.Errorf("NetworkFault(%v) = %q, want %q", err, got, test.want)
			}
		})
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	listener := listen(t)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func dialClosedPort(t *testing.T) error {
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", closedPort(t))
	if err == nil {
		_ = conn.Close()
	}
	return err
}

func getFromClosedPort(t *testing.T) error {
	return get(t, t.Context(), http.DefaultClient, "http://"+closedPort(t))
}

// getSaying asks a peer that says the same to everyone and hangs up.
func getSaying(text string) func(t *testing.T) error {
	return func(t *testing.T) error {
		listener := listen(t)
		said := make(chan struct{})
		go func() {
			defer close(said)
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}()
		err := get(t, t.Context(), http.DefaultClient, "http://"+listener.Addr().String())
		<-said
		return err
	}
}

// The resolver answers this one itself: a name with an empty label is not looked up (RFC 1034, section 3.1).
func lookUpNoName(t *testing.T) error {
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "no..such.host.invalid:80")
	if err == nil {
		_ = conn.Close()
	}
	return err
}

func getFromSilentPeer(t *testing.T) error {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	return get(t, ctx, http.DefaultClient, "http://"+listen(t).Addr().String())
}

func readPastDeadline(t *testing.T) error {
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", listen(t).Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

// tlsServer is one that keeps its faults to itself: they are ours.
func tlsServer(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = config
	quiet(server)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func getWithoutAuthority(t *testing.T) error {
	return get(t, t.Context(), &http.Client{Transport: &http.Transport{}}, tlsServer(t, nil).URL)
}

func getUnderAnotherName(t *testing.T) error {
	server := tlsServer(t, nil)
	client := server.Client()
	client.Transport.(*http.Transport).TLSClientConfig.ServerName = "other.invalid"
	return get(t, t.Context(), client, server.URL)
}

func handshakeWithoutCommonVersion(t *testing.T) error {
	server := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS13})
	return handshake(t, server.Listener.Addr().String(), &tls.Config{MaxVersion: tls.VersionTLS12, InsecureSkipVerify: true})
}

func getWithoutClientCertificate(t *testing.T) error {
	server := tlsServer(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert})
	return get(t, t.Context(), server.Client(), server.URL)
}

func getTLSFromPlainHTTP(t *testing.T) error {
	return get(t, t.Context(), &http.Client{Transport: &http.Transport{}}, "https://"+plainServer(t))
}

func handshakeWithPlainHTTP(t *testing.T) error {
	return handshake(t, plainServer(t), &tls.Config{InsecureSkipVerify: true})
}

func plainServer(t *testing.T) (address string) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	quiet(server)
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func handshake(t *testing.T, address string, config *tls.Config) error {
	t.Helper()
	conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", address)
	if err == nil {
		_ = conn.Close()
	}
	return err
}

func get(t *testing.T, ctx context.Context, client *http.Client, address string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	return err
}

func quiet(server *httptest.Server) { server.Config.ErrorLog = log.New(io.Discard, "", 0) }
