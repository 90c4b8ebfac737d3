// Package netfault names what went wrong on a network: one word for one fault, the same in every adapter.
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

// Of returns the word for an error of dialling or talking over a network, the same in every adapter; an error that
// is none of the network's known ones is core.FaultUnreachable. A peer that answers a request of HTTP and does not speak
// it is core.FaultServerError. It returns "" for nil.
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

// isNotHTTP recognises a reply whose first line is none of HTTP's; net/http hides the type. What it says of later lines it
// says of those that were cut short as well.
func isNotHTTP(err error) bool { return strings.Contains(err.Error(), "malformed HTTP ") }

// isTLSAlert recognises an alert of either side: crypto/tls hides its type over TCP (tls.AlertError is for QUIC) and
// marks it by the operation alone.
func isTLSAlert(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && (operation.Op == "remote error" || operation.Op == "local error")
}
