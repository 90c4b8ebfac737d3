package supabasedb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/supabase-community/gotrue-go"
	"github.com/supabase-community/gotrue-go/types"
	"github.com/supabase-community/supabase-go"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/masking"
	"github.com/journey-os/journey-api/ports/netfault"
)

// Account is a user as Supabase Auth keeps it.
type Account struct {
	// ID is the user's, the sub of their tokens.
	ID, Email string
	// AppMetadata is what only a server with the secret key can change; tokens have it under app_metadata.
	AppMetadata map[string]any

	user types.User
}

// The errors of a request to Supabase Auth, beside network faults.
var (
	// ErrKeyRejected means that Supabase or its gateway refuses the service role key, or that the key is no
	// administrator's.
	ErrKeyRejected = errors.New("supabase: the key is rejected")
	// ErrSeveralAccounts means that several users have the email, as is possible with single sign-on.
	ErrSeveralAccounts = errors.New("supabase: several users have this email")
)

const (
	// accountsPerPage is how many users one request asks for, maxAccountPages how many requests a search takes at most.
	accountsPerPage = 200
	maxAccountPages = 5000
)

// FindAccount returns the user with this email, in any case of its letters. Its errors: CodeNotFound if there is none,
// ErrSeveralAccounts, ErrKeyRejected, a core.HealthError if Supabase Auth can't be reached or fails.
func (c *Client) FindAccount(ctx context.Context, email string) (Account, error) {
	email = strings.ToLower(email)
	var found []types.User
	for page := 1; page <= maxAccountPages; page++ {
		users, err := c.listAccounts(ctx, email, page)
		if err != nil {
			return Account{}, err
		}
		for _, user := range users {
			if strings.ToLower(user.Email) == email {
				found = append(found, user)
			}
		}
		if len(users) < accountsPerPage {
			break
		}
	}
	switch len(found) {
	case 0:
		return Account{}, core.NewNotFoundError("No user has this email")
	case 1:
		return accountOf(found[0]), nil
	default:
		return Account{}, ErrSeveralAccounts
	}
}

// listAccounts returns one page of users, the first of which is 1. Supabase Auth returns only emails and names that
// contain the filter; older versions ignore it.
func (c *Client) listAccounts(ctx context.Context, filter string, page int) ([]types.User, error) {
	admin, err := c.admin(ctx, url.Values{
		"filter": {filter}, "page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(accountsPerPage)},
	})
	if err != nil {
		return nil, err
	}
	reply, err := admin.AdminListUsers()
	switch {
	case err != nil:
		return nil, c.accountError("list the users", err)
	case reply.Users == nil: // it has an empty list if there is nobody
		return nil, c.accountError("list the users", errUnexpectedReply)
	}
	return reply.Users, nil
}

// ChangeAppMetadata sets these members of the account's app_metadata and removes those that are nil; Supabase Auth
// keeps the others. It returns the changed account. Its errors are FindAccount's.
func (c *Client) ChangeAppMetadata(ctx context.Context, account Account, changes map[string]any) (Account, error) {
	admin, err := c.admin(ctx, nil)
	if err != nil {
		return Account{}, err
	}
	reply, err := admin.AdminUpdateUser(types.AdminUpdateUserRequest{UserID: account.user.ID, AppMetadata: changes})
	switch {
	case err != nil:
		return Account{}, c.accountError("change the user", err)
	case reply.ID != account.user.ID:
		return Account{}, c.accountError("change the user", errUnexpectedReply)
	}
	return accountOf(reply.User), nil
}

func accountOf(user types.User) Account {
	return Account{ID: user.ID.String(), Email: user.Email, AppMetadata: user.AppMetadata, user: user}
}

// admin returns Supabase's own Auth client for one call, which sends this query.
func (c *Client) admin(ctx context.Context, query url.Values) (gotrue.Client, error) {
	project, err := supabase.NewClient(c.rootURL, c.key, nil)
	if err != nil {
		return nil, fmt.Errorf("supabase: %w", err)
	}
	return project.Auth.WithClient(http.Client{
		Transport:     &adminCall{ctx: ctx, client: c, query: query},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}), nil
}

// adminCall sends the request of one call. It is an http.RoundTripper beneath Supabase's client, which has no contexts,
// no pages and no place for a secret key, and reduces a failed reply to a text.
type adminCall struct {
	ctx    context.Context
	client *Client
	query  url.Values
}

func (a *adminCall) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(a.ctx, a.client.timeout)
	defer cancel()
	bound := request.Clone(ctx)
	bound.URL.RawQuery = a.query.Encode()
	for name, value := range a.client.headers {
		bound.Header.Set(name, value)
	}
	response, err := a.client.transport.RoundTrip(bound)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode < 200 || response.StatusCode > 299:
		return nil, refusal(response.StatusCode)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// errUnexpectedReply is for a successful reply without the expected content.
var errUnexpectedReply = errors.New("another form of reply")

// refusal is the status of a failed reply of Supabase Auth.
type refusal int

func (r refusal) Error() string { return fmt.Sprintf("status %d", int(r)) }

// accountError maps an error of Supabase's client to the errors that FindAccount documents. It does not quote the
// reply, which may contain personal data.
func (c *Client) accountError(doing string, err error) error {
	status, isRefusal := errors.AsType[refusal](err)
	_, isSent := errors.AsType[*url.Error](err)
	switch {
	case isRefusal && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		return fmt.Errorf("%s: %w: %w", doing, ErrKeyRejected, status)
	case isRefusal && status == http.StatusNotFound:
		return core.NewHealthError(core.FaultUnreachable, fmt.Errorf("supabase: %s: %w: nothing of Supabase Auth is served there", doing, status))
	case isRefusal:
		return core.NewHealthError(core.FaultServerError, fmt.Errorf("supabase: %s: %w", doing, status))
	case isSent:
		return core.NewHealthError(netfault.Of(err), fmt.Errorf("supabase: %s: %w", doing, masking.Error(err, c.key)))
	default:
		return core.NewHealthError(core.FaultServerError, fmt.Errorf("supabase: %s: it is not Supabase Auth that answers", doing))
	}
}
