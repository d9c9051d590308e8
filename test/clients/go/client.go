// Scenarios with michaeldcanady/servicenow-sdk-go.
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	servicenow "github.com/michaeldcanady/servicenow-sdk-go"
	"github.com/michaeldcanady/servicenow-sdk-go/credentials"
	tableapi "github.com/michaeldcanady/servicenow-sdk-go/table-api"
)

const adminID = "6816f79cc0a8016401c5a33be04be441"

type query = tableapi.TableRequestBuilderGetQueryParameters

// The client speaks to hosts of service-now.com only: their requests go to the sandbox.
type toSandbox struct{ host string }

func (to toSandbox) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := request.Clone(request.Context())
	sent.URL.Host = to.host
	sent.Host = to.host
	return http.DefaultTransport.RoundTrip(sent)
}

func clientOf(user, password string) *servicenow.ServiceNowClient {
	front, err := url.Parse(os.Getenv("SANDBOX_HTTPS"))
	must(err)
	own := &http.Client{Transport: toSandbox{front.Host}}
	credential := credentials.NewUsernamePasswordCredential(user, password)
	client, err := servicenow.NewServiceNowClient2WithHTTPClient(credential, "sandbox", own)
	must(err)
	client.Session = own
	return client
}

func admin(table string) *tableapi.TableRequestBuilder {
	return clientOf("admin", "admin-password").Now2().Table2(table)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func equal(actual, expected any) {
	if fmt.Sprint(actual) != fmt.Sprint(expected) {
		panic(fmt.Sprintf("%v is not %v", actual, expected))
	}
}

// The error has to have this in its text.
func refused(err error, text string) {
	if err == nil {
		panic("nothing was refused")
	}
	equal(strings.Contains(err.Error(), text), true)
}

func list(table string, parameters query) []*tableapi.TableEntry {
	answer, err := admin(table).Get2(context.Background(), &parameters)
	must(err)
	return answer.Result
}

func text(entry *tableapi.TableEntry, field string) string {
	value, err := entry.Value(field).String()
	must(err)
	return value
}

func create(values map[string]string) *tableapi.TableEntry {
	answer, err := admin("incident").Post4(context.Background(), values, nil)
	must(err)
	return answer.Result
}
