// Package netfault names network faults: one word for each fault, the same in every adapter.
package netfault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/journey-os/journey-api/core"
)

// Of returns the word for an error of dialling or talking over a network. It is core.FaultUnreachable for an unknown
// error, and core.FaultServerError for a peer that answers an HTTP request in another protocol. It is "" for nil.
func Of(err error) core.Fault {
	var (
		known       *core.HealthError
		dns         *net.DNSError
		timeout     net.Error
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		authority   x509.UnknownAuthorityError
		hostname    x509.HostnameError
		invalid     x509.CertificateInvalidError
	)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &known):
		return core.FaultOf(err)
	case errors.As(err, &certificate), errors.As(err, &record), isTLSAlert(err), errors.Is(err, http.ErrSchemeMismatch),
		errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &invalid):
		return core.FaultTLSFailed
	case errors.As(err, &dns) && dns.IsNotFound:
		return core.FaultHostNotFound
	case errors.Is(err, syscall.ECONNREFUSED):
		return core.FaultConnectionRefused
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return core.FaultTimedOut
	case isNotHTTP(err):
		return core.FaultServerError
	default:
		return core.FaultUnreachable
	}
}

// isNotHTTP recognises a reply whose first line is not HTTP; net/http hides the type. Its errors about later lines are
// the same for a reply that was cut short.
func isNotHTTP(err error) bool { return strings.Contains(err.Error(), "malformed HTTP ") }

// isTLSAlert recognises an alert of either side: crypto/tls hides its type over TCP (tls.AlertError is for QUIC) and
// marks it by the operation alone.
func isTLSAlert(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && (operation.Op == "remote error" || operation.Op == "local error")
}
