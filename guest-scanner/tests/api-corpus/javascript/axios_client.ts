import axios, { AxiosInstance } from 'axios';

interface User { id: string; name: string }

export class UserClient {
  private readonly http: AxiosInstance;

  constructor(baseURL = 'https://users.example.com/v2') {
    this.http = axios.create({ baseURL, timeout: 1000 });
  }

  async get(id: string): Promise<User> {
    const { data } = await this.http.get<User>(`/users/${id}`);
    return data;
  }

  async rename(user: User, name: string): Promise<void> {
    await this.http.patch<void>('/users/' + user.id, { name });
  }
}

export const health = () => axios.get('https://users.example.com/health');
export const upload = (body: Blob) =>
  axios({ method: 'put', url: `https://files.example.com/up/${Date.now()}`, data: body });
