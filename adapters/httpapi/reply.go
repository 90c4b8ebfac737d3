package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/gofiber/fiber/v2"
)

// Reply is the successful reply of a handler.
type Reply[T any] struct {
	// Data is the data of the success envelope.
	Data T
	// Status is one of the route's Statuses; 0 is the first of them.
	Status int
	// Location is where the created resource, or the one being created, can be found: a path of this API,
	// percent-encoded.
	Location string
	// Header are further headers of the reply, by their names; Route.Headers describes each.
	Header map[string]string
	// Meta is the meta of the success envelope, a value of Route.Meta's type; nil for none.
	Meta any

	// encoded is Data as Encode made it earlier, and later is the data of a 202; if either is set, Data is ignored.
	encoded []byte
	later   any
}

// OK returns a reply with data and the route's usual status.
func OK[T any](data T) Reply[T] { return Reply[T]{Data: data} }

// Replay returns the reply to a request that was answered before: data is what Encode returned for the first reply's
// Data. It is sent word for word, with the meta {"replayed": true}. Its route has Meta: Replayed{}. Set Status and
// Location if the first reply had them.
func Replay[T any](data []byte) Reply[T] {
	return Reply[T]{encoded: data, Meta: Replayed{Replayed: true}}
}

// Replayed is the meta of a reply from Replay.
type Replayed struct {
	Replayed bool `json:"replayed" doc:"True: this is the first reply to the same request, word for word"`
}

// Accepted returns the reply 202 to a request that is being worked on. data, a value of Route.Accepted's type, is its
// progress, and location is the path to ask for more.
func Accepted[T any](data any, location string) Reply[T] {
	return Reply[T]{Status: http.StatusAccepted, Location: location, later: data}
}

func encodeAccepted(route *Route, data any) ([]byte, error) {
	if reflect.TypeOf(data) != reflect.TypeOf(route.Accepted) {
		return nil, fmt.Errorf("the handler answered later with a %T, the route's Accepted is a %T", data, route.Accepted)
	}
	return Encode(data)
}

// Encode returns data as a reply shows it: the bytes are what a route with this Reply.Data sends. A store keeps them for
// Replay.
func Encode(data any) ([]byte, error) {
	var encoded bytes.Buffer
	if err := writeJSON(&encoded, data); err != nil {
		return nil, err
	}
	return encoded.Bytes(), nil
}

// replyHead is the part of a reply beside its data.
type replyHead struct {
	status   int
	location string
	header   map[string]string
	meta     any
}

// send sets the reply's headers, and returns its status. A reply that its route does not declare is an error of the
// engine.
func (h replyHead) send(ctx context.Context) (status int, err error) {
	x := exchangeFrom(ctx)
	route := x.route
	if h.status == 0 {
		h.status = route.Statuses[0]
	}
	switch {
	case !slices.Contains(route.Statuses, h.status):
		return 0, fmt.Errorf("the handler answered %d, which is none of the route's Statuses", h.status)
	case h.meta != nil && reflect.TypeOf(h.meta) != reflect.TypeOf(route.Meta):
		return 0, fmt.Errorf("the handler answered a meta of type %T, the route's Meta is a %T", h.meta, route.Meta)
	case x.records != nil && !x.records.Checked():
		return 0, errRecordNotChecked
	}
	if h.location != "" {
		x.fiber.Set(fiber.HeaderLocation, h.location)
	}
	for name := range maps.Keys(h.header) {
		if _, declared := route.Headers[name]; !declared {
			return 0, fmt.Errorf("the handler answered the header %s, which is none of the route's Headers", name)
		}
		x.fiber.Set(name, h.header[name])
	}
	return h.status, nil
}
