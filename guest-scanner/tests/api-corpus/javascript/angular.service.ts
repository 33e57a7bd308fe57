import { HttpClient } from '@angular/common/http';
import { Injectable } from '@angular/core';
import { environment } from '../environments/environment';

@Injectable({ providedIn: 'root' })
export class OrderService {
  private url = `${environment.apiUrl}/orders`;

  constructor(private http: HttpClient) {}

  list() {
    return this.http.get<Order[]>(this.url);
  }

  save(order: Order) {
    return order.id
      ? this.http.put<Order>(`${this.url}/${order.id}`, order)
      : this.http.post<Order>(this.url, order);
  }
}
