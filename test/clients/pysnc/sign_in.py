import requests
from pysnc import ServiceNowClient, ServiceNowClientCredentialsFlow, ServiceNowPasswordGrantFlow
from pysnc.exceptions import AuthenticationException

from records import found
from scenarios import ADMIN, HTTPS, OAUTH_CLIENT, equal, refused, run, scenario


class ApiKey(requests.auth.AuthBase):
    def __call__(self, request):
        request.headers['x-sn-apikey'] = 'sandbox-api-key'
        return request


def changes(auth):
    """Reads changes, which every account of the sandbox with a role may do."""
    gr = ServiceNowClient(HTTPS, auth).GlideRecord('change_request')
    gr.query()
    return gr.get_row_count()


@scenario('user name and password')
def basic():
    assert changes(ADMIN) >= 0


@scenario('a wrong password is refused')
def wrong_password():
    refused(AuthenticationException, lambda: changes(('admin', 'wrong')))


@scenario('an inactive user is refused')
def inactive():
    refused(AuthenticationException, lambda: changes(('lea.leaver', 'lea-password')))


@scenario('a session of the caller')
def session():
    own = requests.Session()
    own.auth = ADMIN
    assert changes(own) >= 0


@scenario('an API key')
def api_key():
    assert changes(ApiKey()) >= 0


@scenario('OAuth: the password of a user; the client signs in by its header')
def password_grant():
    assert changes(ServiceNowPasswordGrantFlow(*ADMIN, *OAUTH_CLIENT)) >= 0


@scenario('OAuth: a token is renewed by its refresh token')
def refresh():
    flow = ServiceNowPasswordGrantFlow(*ADMIN, *OAUTH_CLIENT)
    client = ServiceNowClient(HTTPS, flow)
    client.session.token = {**client.session.token, 'access_token': 'outdated'}
    client.session.refresh_token(client.session.auto_refresh_url)
    assert found(client.GlideRecord('incident'))


@scenario('OAuth: credentials of the client')
def client_credentials():
    assert changes(ServiceNowClientCredentialsFlow(*OAUTH_CLIENT)) >= 0


@scenario('OAuth: a wrong secret of the client is refused')
def wrong_secret():
    flow = ServiceNowClientCredentialsFlow(OAUTH_CLIENT[0], 'wrong')
    error = refused(AuthenticationException, lambda: changes(flow))
    assert '401' in str(error), error


@scenario('a token that does not exist is refused')
def wrong_token():
    own = requests.Session()
    own.headers['Authorization'] = 'Bearer wrong'
    answer = own.get(f'{HTTPS}/api/now/table/incident')
    equal((answer.status_code, answer.headers['WWW-Authenticate']), (401, 'BEARER realm="Service-now"'))


run()
