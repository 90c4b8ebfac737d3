package httpapi

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"mime"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/adapters/httpapi/sockets"
	"github.com/journey-os/journey-api/core"
)

// Content is the successful reply of a page.
type Content struct {
	// Filename is the name under which a browser saves the page; "" lets it show the page.
	Filename string
	// Header are further headers of the reply, by their names; Route.Headers describes each.
	Header map[string]string
	// Pieces are the body. An error within the first 32 KiB is answered as any other failure. A later one can't be
	// answered: it is logged, and the connection is cut, so that the caller sees that something is missing. The
	// sequence ends with the handler's context, which lives until everything is sent.
	Pieces iter.Seq2[[]byte, error]
}

// sentWhole is how much of a page is buffered before anything is sent, in bytes. A page that ends within it is sent
// with its length.
const sentWhole = 32 << 10

// Page registers a route whose successful reply is no JSON envelope but content of another media type: a file, JSON
// lines, CSV. Everything else is as in Handle, including the envelope of a failure. A record must be checked before the
// handler returns.
func Page[I any](r *Registry, route Route, mediaType string, handle func(context.Context, *I) (Content, error)) {
	student := bodyStudentOf(reflect.TypeFor[I]())
	route.Statuses = []int{http.StatusOK}
	register(r, &route, reflect.TypeFor[I](), func(operation huma.Operation) {
		huma.Register(r.api, operation, func(ctx context.Context, input *I) (*pageOutput, error) {
			if err := student.check(ctx, input); err != nil {
				return nil, err
			}
			content, err := handle(ctx, input)
			if err == nil {
				_, err = replyHead{header: content.Header}.send(ctx)
			}
			if err == nil {
				err = r.server.sendPieces(exchangeFrom(ctx), mediaType, content)
			}
			if err != nil {
				return nil, errorOf(err)
			}
			return &pageOutput{Body: func(huma.Context) {}}, nil
		})
	}, func(operation *huma.Operation) {
		operation.Responses["200"] = &huma.Response{
			Description: http.StatusText(http.StatusOK), Headers: successHeaders(&route, http.StatusOK),
			Content: map[string]*huma.MediaType{mediaType: {}},
		}
	})
}

// pageOutput is a page for Huma, which writes nothing of it.
type pageOutput struct{ Body func(huma.Context) }

// Whole returns the pieces of content that is complete already.
func Whole(content []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) { yield(content, nil) }
}

// JSONLines returns one JSON text a row, each followed by a newline (media type application/jsonl).
func JSONLines[T any](rows iter.Seq2[T, error]) iter.Seq2[[]byte, error] {
	return encodeRows(rows, func(line *bytes.Buffer, row T) error {
		if err := writeJSON(line, row); err != nil {
			return err
		}
		return line.WriteByte('\n')
	})
}

// CSV returns one line a row (RFC 4180; media type text/csv). The first row is the header.
func CSV(rows iter.Seq2[[]string, error]) iter.Seq2[[]byte, error] {
	return encodeRows(rows, func(line *bytes.Buffer, row []string) error {
		writer := csv.NewWriter(line)
		writer.UseCRLF = true
		err := writer.Write(row)
		writer.Flush()
		return errors.Join(err, writer.Error())
	})
}

func encodeRows[T any](rows iter.Seq2[T, error], encode func(*bytes.Buffer, T) error) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var line bytes.Buffer
		for row, err := range rows {
			line.Reset()
			if err == nil {
				err = encode(&line, row)
			}
			if !yield(line.Bytes(), err) || err != nil {
				return
			}
		}
	}
}

// sendPieces buffers the beginning of the content, and leaves the rest to a stream.
func (s *Server) sendPieces(x *exchange, mediaType string, content Content) error {
	next, stop := iter.Pull2(content.Pieces)
	var gathered []byte
	for len(gathered) < sentWhole {
		piece, err, more := next()
		if err != nil {
			stop()
			return err
		}
		if !more {
			s.sendHead(x, mediaType, content)
			x.fiber.Response().SetBodyRaw(gathered)
			return nil
		}
		gathered = append(gathered, piece...)
	}
	s.sendHead(x, mediaType, content)
	if x.fiber.Method() == http.MethodHead {
		stop()
		x.fiber.Response().Header.SetContentLength(inChunks) // with a stream, fasthttp would send an end of chunks
		return nil
	}
	x.stream = &stream{
		exchange: x, conn: sockets.Of(x.fiber.Context().Conn()), writeTimeout: s.config.WriteTimeout,
		next: next, stop: stop, rest: gathered,
	}
	x.fiber.Response().SetBodyStream(x.stream, -1)
	return nil
}

func (*Server) sendHead(x *exchange, mediaType string, content Content) {
	x.fiber.Set(fiber.HeaderContentType, mediaType)
	if content.Filename != "" {
		x.fiber.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": content.Filename}))
	}
}

// stream is the body of a page that is sent piece by piece, after the chain has ended. fasthttp reads it, and closes it
// whatever happens.
type stream struct {
	exchange     *exchange
	conn         *sockets.Connection // nil if the request came by no listener of ours
	writeTimeout time.Duration
	next         func() (piece []byte, err error, more bool)
	stop         func()
	// rest is what was produced and not sent yet. ended is how it ended: nil while it goes on, io.EOF at its regular
	// end.
	rest  []byte
	ended error
	sent  int
	// closed is called when the request is over.
	closed func(*stream)
}

// Read sets a write deadline for each piece; the request's own deadline bounds them all.
func (b *stream) Read(p []byte) (n int, err error) {
	defer func() {
		if value := recover(); value != nil {
			b.ended = core.NewInternalError(newPanicError(value))
			n, err = 0, b.ended
		}
	}()
	for len(b.rest) == 0 && b.ended == nil {
		b.advance()
	}
	if len(b.rest) == 0 {
		return 0, b.ended
	}
	if b.conn != nil {
		if err := b.conn.SetWriteDeadline(time.Now().Add(b.writeTimeout)); err != nil {
			return 0, err
		}
	}
	n = copy(p, b.rest)
	b.rest = b.rest[n:]
	b.sent += n
	return n, nil
}

func (b *stream) advance() {
	if b.ended = b.exchange.Err(); b.ended != nil {
		return
	}
	piece, err, more := b.next()
	switch {
	case err != nil:
		b.ended = err
	case !more:
		b.ended = io.EOF
	default:
		b.rest = piece
	}
}

// Close ends the request. What ended the stream before its own end is the request's failure, though nobody can be told.
func (b *stream) Close() error {
	b.stop()
	if b.ended != nil && !errors.Is(b.ended, io.EOF) {
		b.exchange.failure = errorOf(b.ended)
	}
	b.closed(b)
	return nil
}

// isWhole reports whether everything was sent.
func (b *stream) isWhole() bool { return errors.Is(b.ended, io.EOF) && len(b.rest) == 0 }
