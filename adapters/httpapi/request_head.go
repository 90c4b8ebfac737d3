package httpapi

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/adapters/httpapi/sockets"
)

// methodOther replaces every method that Fiber does not know. Fiber would answer those in plain text, before any of our
// code; under this name they get 404 or 405 in the usual way.
const methodOther = "OTHER"

// refuseAmbiguous is called between fasthttp and Fiber. It refuses requests that two servers in a row could read in two
// ways (RFC 9112, sections 3.2 and 6.1), which fasthttp accepts.
func (s *Server) refuseAmbiguous(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(rc *fasthttp.RequestCtx) {
		head := readHead(&rc.Request.Header)
		if !head.isUnambiguous() || !isTarget(rc.Request.Header.RequestURI()) {
			s.app.Server().ErrorHandler(rc, errBadRequest)
			rc.SetConnectionClose()
			return
		}
		resumeBody(&rc.Request.Header, head)
		if head.asksToClose || sockets.Of(rc.Conn()).IsOverLimit() {
			defer rc.SetConnectionClose()
		}
		if !slices.Contains(fiber.DefaultMethods, string(rc.Method())) {
			rc.Request.Header.SetMethod(methodOther)
		}
		next(rc)
	}
}

// postponeBody keeps fasthttp from waiting for the first bytes of a large body, since it is not known yet whether the
// caller may send it. Until resumeBody sets the length, fasthttp takes the body for a chunked one, of which it reads
// nothing ahead.
func (s *Server) postponeBody(header *fasthttp.RequestHeader) (unchanged fasthttp.RequestConfig) {
	if header.ContentLength() > s.config.prefetched() {
		header.SetContentLength(inChunks)
	}
	return unchanged
}

// resumeBody undoes postponeBody before anything of the body is read.
func resumeBody(header *fasthttp.RequestHeader, head head) {
	if head.lengths == 1 && header.ContentLength() == inChunks {
		header.SetContentLength(head.length)
	}
}

// inChunks is fasthttp's length of a chunked body.
const inChunks = -1

// head is what a request's head says about the connection and the end of the body. It is read from the raw bytes, since
// fasthttp keeps only the last of duplicate headers.
type head struct {
	version                   string
	hosts, lengths, encodings int
	// length is the announced length, if there is one.
	length int
	// malformed reports whether a header's name is no token, the host is empty, the length is no number, or the
	// transfer encoding is not chunked.
	malformed   bool
	asksToClose bool
}

func readHead(header *fasthttp.RequestHeader) head {
	read := head{version: string(header.Protocol())}
	for name, value := range header.AllInOrder() {
		switch {
		case bytes.ContainsAny(name, " \t"):
			read.malformed = true
		case bytes.EqualFold(name, []byte(fiber.HeaderHost)):
			read.hosts++
			read.malformed = read.malformed || len(value) == 0
		case bytes.EqualFold(name, []byte(fiber.HeaderContentLength)):
			read.lengths++
			length, err := strconv.Atoi(string(value))
			read.length = length
			read.malformed = read.malformed || err != nil
		case bytes.EqualFold(name, []byte(fiber.HeaderTransferEncoding)):
			read.encodings++
			read.malformed = read.malformed || !bytes.EqualFold(value, []byte("chunked")) // "identity" says nothing of an end
		case bytes.EqualFold(name, []byte(fiber.HeaderConnection)):
			read.asksToClose = read.asksToClose || hasOption(value, "close")
		}
	}
	return read
}

// isUnambiguous reports whether the request has at most one way to tell where its body ends, and names one host.
// HTTP/1.0, with which load balancers probe, may name none and has no chunked bodies (RFC 9112, sections 3.2 and 6.1).
func (h head) isUnambiguous() bool {
	if h.malformed || h.lengths+h.encodings > 1 {
		return false
	}
	switch h.version {
	case "HTTP/1.1":
		return h.hosts == 1
	case "HTTP/1.0":
		return h.hosts <= 1 && h.encodings == 0
	default:
		return false
	}
}

// hasOption reports whether a list has an option, compared without case (RFC 9110, section 7.6.1).
func hasOption(list []byte, option string) bool {
	for item := range bytes.SplitSeq(list, []byte(",")) {
		if bytes.EqualFold(bytes.TrimSpace(item), []byte(option)) {
			return true
		}
	}
	return false
}

// isTarget reports whether a request target has only characters that RFC 3986, section 2 allows, and no fragment (RFC
// 9112, section 3.2). net/url must be able to parse it too: otherwise the docs' file server answers in plain text, and
// Huma panics.
func isTarget(target []byte) bool {
	if isPlainPath(target) {
		return true
	}
	if slices.ContainsFunc(target, func(b byte) bool { return b <= ' ' || b >= 0x7f || b == '#' }) {
		return false
	}
	_, err := url.ParseRequestURI(string(target))
	return err == nil
}

// isPlainPath reports whether a target is a path of unreserved characters (RFC 3986, section 2.3), which needs no
// further check.
func isPlainPath(target []byte) bool {
	if len(target) == 0 || target[0] != '/' {
		return false
	}
	for _, b := range target {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '/', b == '-', b == '_', b == '.', b == '~':
		default:
			return false
		}
	}
	return true
}
