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

// methodOther stands for every method that HTTP servers here do not know. Fiber would answer those in plain text, before
// any of our code; under a name of its own it takes the usual way to 404 or 405.
const methodOther = "OTHER"

// refuseAmbiguous stands between fasthttp and Fiber. It refuses what two servers in a row could read in two ways
// (RFC 9112, sections 3.2 and 6.1), which fasthttp lets pass.
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

// postponeBody keeps fasthttp from waiting for the first bytes of a large body: nobody knows yet whether it is wanted. To
// fasthttp, the body comes in chunks, of which it reads none ahead, until resumeBody says how long it is.
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

// inChunks is the length of a body in chunks, as fasthttp counts.
const inChunks = -1

// head is what a request's head says about the connection and where the body ends. It is read from the bytes as they
// came: fasthttp keeps the last of what may stand there once.
type head struct {
	version                   string
	hosts, lengths, encodings int
	// length is the one that the head announces, if it announces one.
	length int
	// malformed reports whether a header's name is no token, the host empty, the length no number, or the transfer encoding
	// not chunked.
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

// isUnambiguous reports whether the request has one way at most to tell where its body ends, and names one host. HTTP/1.0
// may name none, and knows no chunks; balancers probe with it (RFC 9112, sections 3.2 and 6.1).
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

// hasOption looks into a list of options, which are compared without case (RFC 9110, section 7.6.1).
func hasOption(list []byte, option string) bool {
	for item := range bytes.SplitSeq(list, []byte(",")) {
		if bytes.EqualFold(bytes.TrimSpace(item), []byte(option)) {
			return true
		}
	}
	return false
}

// isTarget reports whether a request target is made of what RFC 3986, section 2 allows: everything else is percent-encoded, and
// it has no fragment (RFC 9112, section 3.2). It is one that net/url reads as well: the docs' file server answers in plain
// text if that fails, and Huma panics.
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

// isPlainPath knows the targets that need no second look: a path of unreserved letters (RFC 3986, section 2.3).
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
