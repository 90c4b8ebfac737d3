package strictjson

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// exactIntegers is the largest absolute value up to which a float64 represents every integer exactly.
const exactIntegers = 1 << 53

// withPlainIntegers writes every whole number of a JSON text without fraction and exponent: in JSON Schema 43.0 is an
// integer (draft 2020-12, section 4.2.3, "mathematical integer"), and clients in Python send it.
func withPlainIntegers(data []byte) ([]byte, error) {
	var plain bytes.Buffer
	from, to := jsontext.NewDecoder(bytes.NewReader(data)), jsontext.NewEncoder(&plain)
	for {
		token, err := from.ReadToken()
		switch {
		case errors.Is(err, io.EOF):
			return plain.Bytes(), nil
		case err != nil:
			return nil, err
		}
		if err := to.WriteToken(plainInteger(token)); err != nil {
			return nil, err
		}
	}
}

func plainInteger(token jsontext.Token) jsontext.Token {
	if token.Kind() != '0' || !strings.ContainsAny(token.String(), ".eE") {
		return token
	}
	number, err := strconv.ParseFloat(token.String(), 64)
	if err != nil || number != math.Trunc(number) || math.Abs(number) > exactIntegers {
		return token
	}
	return jsontext.Int(int64(number))
}
