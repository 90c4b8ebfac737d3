package httpapi

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// panicError is a panic as an error, with its stack. It keeps the panic's text only if it is the runtime's own, since
// any other may contain what must not be logged.
type panicError struct {
	text  string
	stack string
}

func (e *panicError) Error() string { return e.text }

func newPanicError(value any) *panicError {
	text := fmt.Sprintf("panic with a %T", value)
	if fault, ok := value.(runtime.Error); ok {
		text = "panic: " + fault.Error()
	}
	return &panicError{text: text, stack: string(debug.Stack())}
}

// recoverPanics turns a panic of anything inside it into an internal error.
func recoverPanics(c *fiber.Ctx) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = core.NewInternalError(newPanicError(value))
		}
	}()
	return c.Next()
}
