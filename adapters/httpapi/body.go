package httpapi

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/adapters/httpapi/sockets"
)

const (
	// smallBody is how much of a body is read together with the head, in bytes, before the caller is known. A route
	// without a body ignores that much.
	smallBody = 4 << 10
	// defaultBody is how large a body may be, in bytes, unless its route says otherwise.
	defaultBody = 64 << 10
	// shares is the number of equal shares of the memory for bodies; a caller gets one.
	shares = 8
)

// prefetched is how much of a body is read with the head.
func (c Config) prefetched() int { return min(smallBody, c.MaxBodyBytes) }

// refuseLarge refuses a body that no route takes, whatever the path, by the length that the head announces.
func (s *Server) refuseLarge(c *fiber.Ctx) error {
	if c.Request().Header.ContentLength() > s.config.MaxBodyBytes {
		return errPayloadTooLarge
	}
	return c.Next()
}

// readBody reads a request's body. It is the last step before the handler, so that no body is read of a caller who may
// not call.
func (s *Server) readBody(c *fiber.Ctx) error {
	x := exchangeOf(c)
	stream := c.Request().BodyStream()
	if stream == nil || x.route.probe {
		return c.Next()
	}
	limit := s.config.prefetched()
	if x.route.hasBody {
		limit = min(x.route.MaxBody, s.config.MaxBodyBytes)
	}
	announced := c.Request().Header.ContentLength() // or inChunks
	var err error
	switch {
	case announced > limit:
		return errPayloadTooLarge
	case announced >= 0 && announced <= s.config.prefetched() && !x.route.hasBody:
	case announced >= 0 && announced <= s.config.prefetched():
		x.body, err = readAnnounced(stream, announced, func(int) bool { return true })
	default:
		err = s.awaitBody(c, x, stream, announced, limit)
	}
	if err != nil {
		return err
	}
	return c.Next()
}

// awaitBody reads a body that may not have arrived yet. Memory is taken from the budget before it is used. The request
// does not count as in flight meanwhile, and the time counts only for Config.ReadTimeout.
func (s *Server) awaitBody(c *fiber.Ctx, x *exchange, stream io.Reader, announced, limit int) error {
	client, held := s.clientOf(c, x), 0
	x.atEnd = func() { s.bodies.give(client, held) }
	take := func(size int) bool {
		ok := s.bodies.take(client, size-held)
		if ok {
			held = size
		}
		return ok
	}
	s.inFlight.Add(-1)
	began := time.Now()
	var err error
	if announced >= 0 {
		x.body, err = readAnnounced(stream, announced, take)
	} else {
		x.body, err = readChunks(stream, limit, take)
	}
	x.excludeBodyTime(time.Since(began))
	overloaded := s.inFlight.Add(1) > int64(s.config.MaxInFlight)
	x.bodyRead = err == nil
	switch {
	case errors.Is(err, errPayloadTooLarge), errors.Is(err, errOverloaded):
		return err
	case err != nil && sockets.Of(c.Context().Conn()).IsLate():
		return errRequestTimeout
	case err != nil:
		return errBadRequest // the error may quote the request
	case overloaded:
		return errOverloaded
	}
	return nil
}

// clientOf returns whose share of the memory a body takes: the caller's, or the address's on a public route.
func (s *Server) clientOf(c *fiber.Ctx, x *exchange) string {
	if x.caller != nil {
		return "user " + x.caller.Subject
	}
	return "address " + networkOf(s.clientAddress(c, x)).String()
}

// readAnnounced reads a body of known length. take reports whether there is memory for it.
func readAnnounced(stream io.Reader, length int, take func(size int) bool) ([]byte, error) {
	if !take(length) {
		return nil, errOverloaded
	}
	body := make([]byte, length)
	if n, err := readFull(stream, body); n < length {
		return nil, errors.Join(io.ErrUnexpectedEOF, err)
	}
	return body, nil
}

// readChunks reads a chunked body, up to limit bytes. take reports whether there is memory for a buffer of that size in
// place of the one before.
func readChunks(stream io.Reader, limit int, take func(size int) bool) ([]byte, error) {
	var body []byte
	for {
		size := min(max(2*len(body), smallBody), limit)
		if !take(size) {
			return nil, errOverloaded
		}
		larger := make([]byte, size)
		n, err := readFull(stream, larger[copy(larger, body):])
		n += len(body)
		if errors.Is(err, io.EOF) {
			return larger[:n], nil
		}
		if err != nil {
			return nil, err
		}
		if body = larger; n == limit {
			break
		}
	}
	switch beyond, err := stream.Read(make([]byte, 1)); {
	case beyond > 0:
		return nil, errPayloadTooLarge
	case errors.Is(err, io.EOF):
		return body, nil
	default:
		return nil, err
	}
}

// readFull fills the buffer. Its error is the stream's own; io.EOF means the true end of the stream.
func readFull(stream io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var read int
		read, err = stream.Read(buffer[n:])
		n += read
	}
	return n, err
}

// closeUnread closes the connection after a request whose body was not read to its end, so that the rest is not taken
// for the next request.
func (s *Server) closeUnread(c *fiber.Ctx, x *exchange) {
	announced := c.Request().Header.ContentLength()
	isRead := announced >= 0 && announced <= s.config.prefetched() || x.bodyRead
	if c.Request().IsBodyStream() && !isRead {
		sockets.Of(c.Context().Conn()).Linger()
		c.Context().SetConnectionClose()
	}
}

// bodyBudget is the memory for bodies that are larger than what is read with the head: while they arrive, and until their
// requests are answered. No caller gets more than their share.
type bodyBudget struct {
	most, share int

	lock sync.Mutex
	held int
	by   map[string]int
}

// newBodyBudget returns a budget of defaultBody for each request that may be in flight, and at least enough for one
// body.
func newBodyBudget(config Config) *bodyBudget {
	most := max(config.MaxInFlight*defaultBody, config.MaxBodyBytes)
	return &bodyBudget{most: most, share: max(most/shares, config.MaxBodyBytes), by: map[string]int{}}
}

// take reports whether there is room for size bytes more of the caller's.
func (b *bodyBudget) take(caller string, size int) bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.held+size > b.most || b.by[caller]+size > b.share {
		return false
	}
	b.held += size
	b.by[caller] += size
	return true
}

// give returns what was taken.
func (b *bodyBudget) give(caller string, size int) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.held -= size
	b.by[caller] -= size
	if b.by[caller] == 0 {
		delete(b.by, caller)
	}
}

// inUse is how many bytes are taken.
func (b *bodyBudget) inUse() int {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.held
}
